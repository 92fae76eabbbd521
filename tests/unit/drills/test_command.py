"""What the storm's command line refuses before anything is started."""

import pytest

from ops.drills.storm import __main__ as command


@pytest.mark.parametrize(
    "words",
    [
        ["--jobs", "0"],
        ["--faults", "-1"],
        ["--every", "nan"],
        ["--every", "0.01"],
        ["--kinds", "kill,earthquake"],
        ["--ways", "cut,bent"],
        ["--lease", "0"],
        ["stores", "--kinds", "kill"],
        ["hurricane"],
    ],
)
def test_what_cannot_be_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(words)

    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
