"""Who asks: the district, the actor and the language of one request."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request

from wangge.kernel.actors import Act, Actor, anonymous
from wangge.kernel.database import Tx
from wangge.kernel.http.installation import District, Installation
from wangge.kernel.i18n import Locale, best_locale
from wangge.kernel.moments import now
from wangge.kernel.refusals import Forbidden, NotSignedIn, Refusal, as_problem


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a program's reports come from; a trusted one is believed without verification."""

    code: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """Set on every request by the web room (`scope["state"]["asking"]`).

    `base` is the path prefix of the district ("" or "/d/slug"); every link begins with it.
    """

    installation: Installation
    district: District
    actor: Actor
    locale: Locale
    base: str
    address: str
    session: UUID | None = None
    large: bool = False
    channel: Channel | None = None

    @property
    def signed_in(self) -> bool:
        return self.actor.kind in ("staff", "token")

    def signed(self) -> Actor:
        """The actor, or NotSignedIn."""
        if not self.signed_in:
            raise NotSignedIn()
        return self.actor

    def may(self, act: Act) -> bool:
        """Whether to show the button at all."""
        return self.actor.may_somewhere(act, now())

    def must(self, act: Act) -> Actor:
        """The actor, if some post of theirs permits the act. Raises NotSignedIn, Forbidden."""
        actor = self.signed()
        if not self.may(act):
            raise Forbidden(act.name)
        return actor

    def must_any(self, *acts: Act) -> Actor:
        """The actor, if some post of theirs permits one of the acts. Raises NotSignedIn, Forbidden
        for the first."""
        return next((self.must(one) for one in acts if self.may(one)), None) or self.must(
            acts[0]
        )

    def said(self, refusal: Refusal | None) -> dict[str, Any] | None:
        """A refusal in the asker's language, for the page that shows it."""
        return as_problem(refusal, self.locale) if refusal else None

    @asynccontextmanager
    async def tx(self, *, read_only: bool = False) -> AsyncGenerator[Tx]:
        """A transaction of this asker's, committed before anything is answered."""
        async with self.district.database.tx(self.actor, read_only=read_only) as tx:
            yield tx


def asking(request: Request[Any, Any, Any]) -> Asking:
    """Who asks."""
    found: Asking = request.scope["state"]["asking"]
    return found


def origin_of(request: Request[Any, Any, Any]) -> str:
    """How this very request reached us, `https://host`, for a printed code that leads back here.
    A proxy's word for TLS counts where the gate believes it."""
    secure: bool = request.scope["state"].get("secure", False)
    return f"{'https' if secure else 'http'}://{request.headers.get('host', '')}"


def stranger(installation: Installation, request: Request[Any, Any, Any]) -> Asking:
    """Somebody we know nothing of: used when even the district could not be found."""
    district = installation.find()
    locale = best_locale(request.headers.get("accept-language"))
    return Asking(
        installation, district, anonymous(district.schema, locale), locale, "", address=""
    )
