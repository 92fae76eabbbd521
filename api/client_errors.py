"""What a call to the service may end with instead of an answer.

Trouble
├── Problem      the service answered with an RFC 9457 problem: mend what `code` and `errors` say
├── Unreachable  no answer came: look at the address and at the service
│   └── Silent   the service took the call and gave no answer, or none of the contract: it may have been carried out
└── NotInTime    the job had not ended when `wait` gave up; it goes on without us
"""

from api import client_answers
from api.schemas import JobView
from providers.calls import JsonObject


class Trouble(Exception):
    """Base. The message is a sentence for the person who asked."""


class Problem(Trouble):
    """A refusal in the service's own words. `document` is the whole problem object.

    `retry_after_s`: when the service would have the same asked again; 0 where it does not say.
    """

    def __init__(self, document: JsonObject, *, status: int, retry_after_s: float = 0.0) -> None:
        self.document = document
        self.status = status
        self.retry_after_s = retry_after_s
        self.code = client_answers.words(document.get("code")) or "unknown"
        self.title = client_answers.words(document.get("title")) or "The service refused"
        self.detail = client_answers.words(document.get("detail"))
        self.request_id = client_answers.words(document.get("request_id")) or None
        self.errors = client_answers.field_errors(document.get("errors"))
        super().__init__(f"{self.title}: {self.detail}" if self.detail else self.title)


class Unreachable(Trouble):
    """No answer came."""


class Silent(Unreachable):
    pass


class NotInTime(Trouble):
    """`job` is as it was seen last."""

    def __init__(self, job: JobView, timeout_s: float) -> None:
        super().__init__(f"{job.id} is still {job.status} after {timeout_s:g} seconds; it goes on without us")
        self.job = job
