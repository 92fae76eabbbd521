"""A typed client for the HTTP contract: what upstream services, the command line and our own tests use.

Trouble
├── Problem      the service answered with an RFC 9457 problem: mend what `code` and `errors` say
├── Unreachable  no answer came: look at the address and at the service
└── NotInTime    the job had not ended when `wait` gave up; it goes on without us
"""

import json
import time
from collections.abc import Callable
from typing import Final, TypeAlias, cast
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential, wait_random

from api.money_client import Method, MoneyCalls, Shape
from api.plan_schemas import PlanView
from api.schemas import TERMINAL, JobPage, JobView
from orchestrator.routing.request import AnalysisRequest
from providers.calls import JsonObject
from providers.http import Answer, Http, open_http

TIMEOUT_S: Final = 30.0  # for an answer that the service does not hold back on purpose
LONG_POLL_S: Final = 20.0  # the contract allows 60; proxies between often cut a silent connection at 30
LOOK_EVERY_S: Final = 0.15  # how often a watched job is looked at; people see no difference below
TRIES: Final = 4  # of a read; with the waits between, about a second and a half
RETRYABLE_STATUSES: Final = frozenset((502, 503, 504))

Filter: TypeAlias = str | int | None
Send: TypeAlias = Callable[[str, bytes, dict[str, str]], Answer]


class Trouble(Exception):
    """Base. The message is a sentence for the person who asked."""


class Problem(Trouble):
    """A refusal in the service's own words. `document` is the whole problem object."""

    def __init__(self, document: JsonObject, *, status: int) -> None:
        self.document = document
        self.status = status
        self.code = _text(document.get("code")) or "unknown"
        self.title = _text(document.get("title")) or "The service refused"
        self.detail = _text(document.get("detail"))
        self.request_id = _text(document.get("request_id")) or None
        self.errors = _field_errors(document.get("errors"))
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


class Client(MoneyCalls):
    """One service, one key. Not shared between threads.

    Reads are tried again for a moment when the service is away; writes are sent once: repeat them yourself with
    the same idempotency key.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        http: Http | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open the client; `http` stands in for the connection that it would open.

        Raises:
            ValueError: the address is none, or the key holds what no key may.
        """
        self.url = url.rstrip("/")
        self._http = http or open_http(self.url, {"authorization": f"Bearer {_sound(key)}"}, TIMEOUT_S)
        self._clock = clock
        self._sleep = sleep

    def submit(self, request: AnalysisRequest | JsonObject, idempotency_key: str | None = None) -> JobView:
        """Hand in a transcript.

        Raises:
            Problem: the request was refused; nothing was stored.
            Unreachable: no answer; whether the job exists is known only to an idempotency key.
        """
        body = request.model_dump(mode="json", exclude_unset=True) if isinstance(request, BaseModel) else request
        headers = {"idempotency-key": idempotency_key} if idempotency_key is not None else {}
        return self._read(JobView, self._post("/v1/jobs", body, headers))

    def plan(self, request: AnalysisRequest | JsonObject) -> PlanView:
        """What the request would be as a job: its seats, what it may cost, and why. Nothing is stored or asked.

        Raises:
            Problem: there is no plan for it.
        """
        body = request.model_dump(mode="json", exclude_unset=True) if isinstance(request, BaseModel) else request
        return self._read(PlanView, self._post("/v1/plans", body, {}))

    def get(self, job_id: str, wait_s: float = 0) -> JobView:
        """The job as it is, or as it is once it has ended or `wait_s` (0 to 60) have passed."""
        query = f"?wait_s={wait_s:g}" if wait_s else ""
        return self._read(JobView, self._get(f"/v1/jobs/{quote(job_id, safe='')}{query}", TIMEOUT_S + wait_s))

    def wait(self, job_id: str, timeout_s: float, on_change: Callable[[JobView], None] | None = None) -> JobView:
        """The job once it has ended. `on_change` is called with each new version, the last one included.

        Raises:
            NotInTime: it had not ended after `timeout_s`.
        """
        deadline = self._clock() + timeout_s
        seen = 0
        while True:
            left_s = max(0.0, deadline - self._clock())
            job = self.get(job_id, 0 if on_change else round(min(LONG_POLL_S, left_s), 1))
            if on_change and job.version > seen:
                seen = job.version
                on_change(job)
            if job.status in TERMINAL:
                return job
            if self._clock() >= deadline:
                raise NotInTime(job, timeout_s)
            if on_change:
                self._sleep(LOOK_EVERY_S)

    def jobs(self, **filters: Filter) -> JobPage:
        """A page of jobs, newest first, without results. Filters: limit, cursor, status, reference, tag."""
        query = urlencode({name: value for name, value in filters.items() if value is not None})
        return self._read(JobPage, self._get(f"/v1/jobs?{query}" if query else "/v1/jobs"))

    def cancel(self, job_id: str) -> JobView:
        """Stop a job. Safe to repeat.

        Raises:
            Problem: `terminal`, it had already ended otherwise.
        """
        return self._read(JobView, self._post(f"/v1/jobs/{quote(job_id, safe='')}/cancel", {}, {}))

    def retry(self, job_id: str) -> JobView:
        """Have a failed, canceled or expired job go on from the seats that are missing. Safe to repeat.

        Raises:
            Problem: `terminal`, it has succeeded.
        """
        return self._read(JobView, self._post(f"/v1/jobs/{quote(job_id, safe='')}/retry", {}, {}))

    def report(self, job_id: str) -> str:
        """The job as an HTML page for people."""
        return self._get(f"/v1/jobs/{quote(job_id, safe='')}/report").body.decode("utf-8", "replace")

    def ready(self) -> JsonObject:
        """What the service says about itself and its stores.

        Raises:
            Problem: it is up but cannot work.
        """
        return _object(self._get("/health/ready")) or {}

    def close(self) -> None:
        self._http.close()

    def _get(self, path: str, timeout_s: float = TIMEOUT_S) -> Answer:
        tries = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=0.2, max=1.0) + wait_random(0, 0.1),
            retry=retry_if_exception(_passes),
            sleep=self._sleep,
            reraise=True,
        )
        return tries(self._checked, lambda: self._http.get(path, timeout_s=timeout_s))

    def _post(self, path: str, body: JsonObject, headers: dict[str, str]) -> Answer:
        return self._write(self._http.post, path, body, headers)

    def _write(self, send: Send, path: str, body: JsonObject, headers: dict[str, str]) -> Answer:
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return self._checked(lambda: send(path, content, {"content-type": "application/json", **headers}))

    def _ask(self, shape: type[Shape], path: str) -> Shape:
        return self._read(shape, self._get(path))

    def _tell(self, shape: type[Shape], method: Method, path: str, body: JsonObject) -> Shape:
        send = self._http.put if method == "PUT" else self._http.post
        return self._read(shape, self._write(send, path, body, {}))

    def _checked(self, send: Callable[[], Answer]) -> Answer:
        """Send; an answer that is no success becomes the error that it stands for."""
        try:
            answer = send()
        except TimeoutError:
            raise Silent(f"{self.url} accepted the request but did not answer in time.") from None
        except ConnectionError as error:
            raise Unreachable(f"No answer from {self.url} ({error}). Is the service running there?") from None
        if answer.status >= 300:
            raise self._problem(answer)
        return answer

    def _problem(self, answer: Answer) -> Trouble:
        document = _object(answer)
        if document is None or "code" not in document:
            return Problem(
                {
                    "type": "about:blank",
                    "title": f"{self.url} answered {answer.status} without saying why",
                    "status": answer.status,
                    "detail": "Something between may have answered, or it is another service.",
                    "code": "unknown",
                },
                status=answer.status,
            )
        return Problem(document, status=answer.status)

    def _read(self, shape: type[Shape], answer: Answer) -> Shape:
        try:
            return shape.model_validate_json(answer.body)
        except ValidationError:
            raise Silent(
                f"{self.url} answered something that is not in the contract. Is it MeetingMind, of this version?"
            ) from None


def _passes(error: BaseException) -> bool:
    """Whether a read may be worth another try within a moment."""
    if isinstance(error, Problem):
        return error.status in RETRYABLE_STATUSES
    return isinstance(error, Unreachable) and not isinstance(error, Silent)


def _sound(key: str) -> str:
    """The key, if it can stand in a header. An HTTP library would quote a wrong one in its error."""
    bare = key.strip()
    if not (bare.isascii() and bare.isprintable()) or " " in bare:
        raise ValueError("the key holds characters that no key has")
    return bare


def _object(answer: Answer) -> JsonObject | None:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return cast("JsonObject", found) if isinstance(found, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _field_errors(value: object) -> tuple[tuple[str, str], ...]:
    """The pairs of JSON pointer and message of a validation problem."""
    rows = value if isinstance(value, list) else []
    return tuple((_text(row.get("pointer")), _text(row.get("message"))) for row in rows if isinstance(row, dict))
