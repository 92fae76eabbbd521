"""What the command `completion` prints: how each shell asks the command line for words at a TAB.

The shells run the command as it was typed, with what was typed so far in its environment, and typer, of which the
command line is built, answers (`typer/_completion_classes.py`). Its own scripts run `meetingmind` from PATH, where ours
need not be: a checkout has it as `./meetingmind`. Where there is nothing to offer, a shell offers files.
"""

import sys
from typing import Final

from api.cli.exits import USAGE, Told

_BASH: Final = r"""# meetingmind's completion for bash. In ~/.bashrc:
#   source <(/path/to/meetingmind completion bash)
_meetingmind() {
    local IFS=$'\n' typed=${1/#\~/$HOME}
    COMPREPLY=($(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
        _MEETINGMIND_COMPLETE=complete_bash "$typed" 2>/dev/null))
}
complete -o default -F _meetingmind meetingmind
"""

# Where it is a file among zsh's functions, its first line names it, and its last begins with the TAB that loaded it.
_ZSH: Final = r"""#compdef meetingmind
# meetingmind's completion for zsh. In ~/.zshrc, after compinit:
#   source <(/path/to/meetingmind completion zsh)
_meetingmind() {
    local typed=${(Q)words[1]/#\~/$HOME}
    eval "$(_TYPER_COMPLETE_ARGS="${(j: :)words[1,CURRENT]}" _MEETINGMIND_COMPLETE=complete_zsh $typed 2>/dev/null)"
}
if [[ $funcstack[1] == _meetingmind ]]; then _meetingmind "$@"; else compdef _meetingmind meetingmind; fi
"""

_FISH: Final = r"""# meetingmind's completion for fish. In ~/.config/fish/config.fish:
#   /path/to/meetingmind completion fish | source
function __meetingmind
    set -l typed (string replace -r '^~' $HOME -- (commandline -opc)[1])
    _MEETINGMIND_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=$argv[1] \
        _TYPER_COMPLETE_ARGS=(commandline -cp | string collect) $typed 2>/dev/null
end
complete --command meetingmind --condition '__meetingmind is-args' --no-files --arguments '(__meetingmind get-args)'
"""

SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def run(shell: str) -> None:
    """Print the script.

    Raises:
        Told: there is none for that shell; a usage error.
    """
    if shell not in SCRIPTS:
        raise Told(f"There is no completion for {shell!r}; there is for {', '.join(SCRIPTS)}.", code=USAGE)
    sys.stdout.write(SCRIPTS[shell])
