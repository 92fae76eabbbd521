"""Task names. A name never changes its meaning: messages of an older release may still stand in the broker."""

from typing import Final

ASK: Final = "meetingmind.ask"
SYNTHESIZE: Final = "meetingmind.synthesize"
DELIVER: Final = "meetingmind.deliver"
LOOK_AFTER: Final = "meetingmind.look_after"
WATCH_BUDGETS: Final = "meetingmind.watch_budgets"

ALL: Final = (ASK, SYNTHESIZE, DELIVER, LOOK_AFTER, WATCH_BUDGETS)

MESSAGE_SCHEMA: Final = 2  # version of the keyword arguments that messages carry; 2 brought epoch and seal
