// What a reader would stumble over on a page, put into each page before its own content; see browsers.py.
// Luminance and contrast are those of WCAG 2.2; colours are taken as the browser computes them, in sRGB.
window.eyes = (() => {
  const read = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

  // The ground of a node: the nearest colour behind it that one cannot see through.
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, a = 1] = read(getComputedStyle(at).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };

  const words = function* () {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (text.data.trim() && text.parentElement.getClientRects().length) yield text;
    }
  };

  return {
    // What hangs out of the window on the right. A region that can be scrolled may hold wider things.
    sideways() {
      const wide = document.documentElement.clientWidth;
      const inside = (node) => node.closest('.scroll') && !node.matches('.scroll');
      return [...document.body.querySelectorAll('*')]
        .filter((node) => !node.matches('.skip') && !inside(node))
        .filter((node) => node.getBoundingClientRect().right > wide + 0.5)
        .map((node) => `${node.tagName}: ${node.textContent.trim().slice(0, 60)}`);
    },

    // Words that stand out too little from their ground (success criterion 1.4.3).
    faint() {
      return [...words()].flatMap((text) => {
        const style = getComputedStyle(text.parentElement);
        const ink = text.parentElement.closest('svg') ? style.fill : style.color;
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
        const ratio = contrast(read(ink), behind(text.parentElement));
        return ratio < (large ? 3 : 4.5) ? [`${ratio.toFixed(2)}: ${text.data.trim().slice(0, 60)}`] : [];
      });
    },

    // Shapes with a meaning that do (success criterion 1.4.11); what is only a track behind a bar has none.
    dim() {
      const ratios = [...document.querySelectorAll('svg circle, svg rect:not(.rest)')].map((shape) => {
        const style = getComputedStyle(shape);
        const ink = style.fill === 'none' ? style.stroke : style.fill;
        return [contrast(read(ink), behind(shape)), shape.getAttribute('class')];
      });
      return [...new Set(ratios.filter(([ratio]) => ratio < 3).map(([ratio, name]) => `${ratio.toFixed(2)}: ${name}`))];
    },
  };
})();
