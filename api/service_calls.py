"""All that a client can ask of the service, whoever drives it: see `client_verbs`."""

from api.aftermath_client import AftermathCalls
from api.audit_client import AuditCalls
from api.batch_client import BatchCalls
from api.dead_letter_client import DeadLetterCalls
from api.event_client import EventCalls
from api.export_client import ExportCalls
from api.health_client import HealthCalls
from api.job_client import JobCalls
from api.key_client import KeyCalls
from api.money_client import MoneyCalls
from api.partial_client import PartialCalls
from api.provider_client import ProviderCalls
from api.replay_client import ReplayCalls
from api.template_client import TemplateCalls
from api.webhook_client import WebhookCalls


class ServiceCalls(
    AftermathCalls,
    AuditCalls,
    BatchCalls,
    DeadLetterCalls,
    EventCalls,
    ExportCalls,
    HealthCalls,
    JobCalls,
    KeyCalls,
    MoneyCalls,
    PartialCalls,
    ProviderCalls,
    ReplayCalls,
    TemplateCalls,
    WebhookCalls,
):
    """Reads are tried again for a moment when the service is away, and so are posts under an idempotency key.

    Everything else is sent once: repeat it yourself where that is safe.
    """
