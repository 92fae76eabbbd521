"""From what an erasure did to the HTTP contract. Pure."""

from api.erasure_schemas import ErasureView, RecipientView, TranscriptFateView
from api.schemas import LinksView
from api.views import moment
from orchestrator.tenancy.erasure import Erasure, Recipient
from providers.catalog import Catalog, ProviderCard


def erasure(done: Erasure, catalog: Catalog) -> ErasureView:
    """A provider that has left the catalog is named all the same: it was sent the meeting."""
    cards = {card.id: card for card in catalog.providers}
    return ErasureView(
        job_id=done.job_id,
        erased_at=moment(done.at),
        jobs=done.jobs,
        transcript=TranscriptFateView(id=done.transcript_id, erased=not done.users, used_by=done.users),
        recipients=tuple(_recipient(one, cards.get(one.target.provider)) for one in done.recipients),
        links=LinksView(
            self=f"/v1/jobs/{done.job_id}",
            events=f"/v1/jobs/{done.job_id}/events",
            report=f"/v1/jobs/{done.job_id}/report",
            timeline=f"/v1/jobs/{done.job_id}/timeline",
        ),
    )


def _recipient(one: Recipient, card: ProviderCard | None) -> RecipientView:
    return RecipientView(
        provider=one.target.provider,
        model=one.target.model,
        calls=one.calls,
        retains=None if card is None else card.retains,
        trains=None if card is None else card.trains,
        regions=() if card is None else card.regions,
    )
