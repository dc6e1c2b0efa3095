"""Reads of the workspace what one file needs, in the fewest requests: the whole listing, a look-up a key, or, where
there is a mirror, just what changed since it was last seen.

Nobody can ask how many contacts a workspace has. So, where nothing tells, pages are listed for as long as they have
cost less than the look-ups would.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from msgspec.structs import replace

from importer import platform
from importer.api import Client, Crew
from importer.errors import MirrorFailed, Rejected
from importer.mirror import Mirror, micros_of, moment_of
from importer.model import Contact, Record, Wanted, Ways, Workspace
from importer.options import NinthDigit
from importer.questions import PhoneHabit
from importer.repeats import Repeats
from importer.snapshot import Memory, Snapshot, scheme_of
from importer.urns import normalise, stored_forms

LOOKUPS_MAX = 20_000
"""Nobody waits for more look-ups than these: they alone would take eight hours."""
FEW_LOOKUPS = 40
"""So many look-ups are made at once: listing pages, of which nobody knows how many there are, could save little."""
UPDATE_READS = 2
"""What a mirror takes to be brought up to date where little has changed: what was changed, and what was deleted."""
LATE_S = 30.0
"""A change may be seen so long after the moment that the server dates it to."""
RECHECK_S = 10 * 24 * 3600.0
"""What was last read longer ago than this is read again before it is overwritten."""

Lookup = tuple[str, str]
"""("uuid", UUID) or ("urn", URN): one request."""
Question = tuple[tuple[Lookup, ...], ...]
"""Who has a key: rounds of look-ups, of which the next is needed only where the one before has found nobody."""
OnRead = Callable[[int], None]
"""Is told how many contacts have been read so far."""


def read_workspace(client: Client) -> Workspace:
    """The workspace with its fields and groups: three requests."""
    fields, groups = tuple(client.list_fields()), tuple(client.list_groups())
    return replace(client.workspace(), fields=fields, groups=groups)


class Survey:
    """The contacts of a workspace that a file may mean, as last seen.

    repeats: has noted the keys of the file's rows. mirror: what an earlier run has kept; None: do without.
    max_age_s: a mirror that was listed longer ago is made anew.
    snapshot: changes with what is read. ways: what each way of reading costs, and which was taken.
    habit: how the contacts that were read keep their phone numbers. read_at: by the client's clock.
    until: modified_on of the latest change seen, by the server's clock; "" where there was no contact.
    """

    def __init__(
        self,
        client: Client,
        repeats: Repeats,
        mirror: Mirror | None = None,
        max_age_s: float = float("inf"),
    ) -> None:
        self._client, self._repeats = client, repeats
        self._mirror, self._max_age_s = mirror, max_age_s
        self._kept = Memory()
        self._uses_mirror = False
        self._began = 0.0  # by the mirror's clock
        self.snapshot = Snapshot.of(self._kept, repeats.ninth_digit)
        self.habit = PhoneHabit()
        self.ways = Ways()
        self.until = ""
        self.read_at = float("-inf")

    def flush(self) -> None:
        """Write down in the mirror what was noted last."""
        if self._mirror is not None:
            self._mirror.flush()

    def read(
        self, records: Callable[[], Iterable[Record]], workspace: Workspace, on_read: OnRead = lambda _: None
    ) -> None:
        """Read all that the valid ones of `records` may mean."""
        self.read_at = self._client.clock()
        self._kept, self._uses_mirror = Memory(), False
        self.snapshot = Snapshot.of(self._kept, self._repeats.ninth_digit)
        if self._mirror is not None:
            self._began = self._mirror.wall()
        size = max(
            [0 if self._mirror is None else len(self._mirror), *(group.count for group in workspace.groups)]
        )
        fewest = None if self._repeats.has_more_than(LOOKUPS_MAX) else self._repeats.keys
        self.ways = Ways(_pages(size) + 1 if size else None, fewest)
        if self._update(fewest, workspace):
            return
        newest, is_all = self._client.newest_contacts(platform.BIG_PAGE)
        self._take_page(newest)
        self._note_habit(newest)
        if is_all:
            self.ways = replace(self.ways, listing=1, taken="listing")
            is_long = fewest is None or len(newest) + fewest > platform.BIG_PAGE  # or will be
            if self._mirror is not None and is_long:
                walk = self._mirror.begin_listing()
                self._mirror.put(newest, walk)
                self._end_listing(self._mirror, walk, self.until, workspace)
        elif not self._list(_worth(fewest, size), workspace, on_read):
            self.ways = replace(self.ways, taken="lookups")
            self._look_up(_questions(records(), self._repeats.ninth_digit))

    def catch_up(self) -> None:
        """Read what was changed since."""
        self.read_at = self._client.clock()
        for page in self._client.contact_pages(limit=platform.UPDATE_PAGE, after=before_late(self.until)):
            self._take_page(page)
        if self._mirror is not None and self._uses_mirror:
            self._mirror.advance(_micros(self.until))

    def note(self, contact: Contact, urns: tuple[str, ...] | None = None) -> None:
        """Take what the server has answered to a request that wrote this contact.

        urns: that it must still have, as none were sent; None: they may be others, or it is new.
        """
        if self._mirror is None or not self._uses_mirror:
            return
        is_new = contact.created_on == contact.modified_on
        if urns not in (None, contact.urns) or (
            is_new and contact.modified_on < (before_late(self.until) or "")
        ):
            # somebody has changed it just now; or the mirror was wrong, or the server's clock was set back
            with suppress(MirrorFailed):
                self._mirror.distrust()
        self._mirror.note(contact)

    # -------------------------------------------------------------------------------------------- mirror

    def _use(self, mirror: Mirror, way: str) -> None:
        self._uses_mirror = True
        self._kept = Memory()
        self.snapshot = Snapshot.of(mirror, self._repeats.ninth_digit)
        self.habit = PhoneHabit(mirror.habits())
        self.ways = replace(self.ways, taken=way)

    def _update(self, fewest: int | None, workspace: Workspace) -> bool:
        """Bring the mirror up to date and use it; False: there is none to be trusted, or look-ups cost less."""
        mirror = self._mirror
        if mirror is None or not mirror.is_trusted(self._max_age_s):
            return False
        self.ways = replace(self.ways, update=UPDATE_READS)
        if fewest is not None and fewest <= UPDATE_READS:
            return False
        few = UPDATE_READS if fewest is not None and fewest <= FEW_LOOKUPS else fewest
        until, met = mirror.until, set[str]()
        walk, expected = mirror.begin_walk(), mirror.near(_late(until))
        changed = self._client.contact_pages(limit=platform.UPDATE_PAGE, after=moment_of(_late(until)))
        number = 0
        for number, page in enumerate(changed, 1):
            if few is not None and number > few:
                return False
            mirror.put(page, walk)
            met.update(contact.uuid for contact in page)
            until = max([until, *(micros_of(contact.modified_on) for contact in page)])
        deleted_until = mirror.deleted_until
        for page in self._client.contact_pages(
            limit=platform.UPDATE_PAGE, after=moment_of(_late(deleted_until)), deleted=True
        ):
            mirror.remove(contact.uuid for contact in page)
            met.update(contact.uuid for contact in page)
            deleted_until = max([deleted_until, *(micros_of(contact.modified_on) for contact in page)])
        # those changed last must be there again, nobody has two contacts' URN or joins or leaves a group unseen
        if not expected <= met or mirror.has_rivals(met) or not self._counts_agree(mirror, workspace):
            mirror.distrust()
            return False
        mirror.advance(until, deleted_until)
        self.until = moment_of(until) if until else ""
        self.ways = replace(self.ways, update=number + 1)
        self._use(mirror, "update")
        return True

    def _counts_agree(self, mirror: Mirror, workspace: Workspace) -> bool:
        """Whether groups have as many members in the mirror as there; they were counted before it was updated."""
        return mirror.counts_as(workspace.groups) or mirror.counts_as(self._client.list_groups())

    def must_recheck(self, losing: int) -> bool:
        """Whether some contacts may have to be read again before they are overwritten.

        losing: how many contacts are to get another list of URNs, or to be deleted or blocked.
        """
        if self._mirror is None or self.ways.taken != "update":
            return False
        return losing > 0 or self._mirror.read_before(self._began - RECHECK_S)

    def recheck(self, overwritten: Mapping[str, bool]) -> bool:
        """Read again those of the contacts, by UUID, that were last read too long ago to be overwritten unseen.

        overwritten: whether something is taken that they have (another list of URNs, the contact itself): those are
        read again unless they were just read.
        Returns whether all were as expected; otherwise nobody trusts the mirror any more.
        """
        mirror = self._mirror
        if mirror is None:
            return True
        ages = mirror.ages(overwritten)
        old = sorted(
            (modified, uuid)
            for uuid, (read, modified) in ages.items()
            if read < self._began and (overwritten[uuid] or read < self._began - RECHECK_S)
        )
        expected = {uuid: mirror.contact(uuid) for _, uuid in old}
        found: dict[str, Contact] = {}
        alone: list[str] = []
        while old:
            first, last = old[0][0], mirror.page_from(old[0][0], platform.BIG_PAGE)
            some = [uuid for modified, uuid in old if modified <= last]
            del old[: len(some)]
            if len(some) > 1:
                for page in self._client.contact_pages(after=moment_of(first), before=moment_of(last)):
                    found |= {contact.uuid: contact for contact in page}
            alone += [uuid for uuid in some if uuid not in found]
        found |= {c.uuid: c for c in look_up(self._client, [("uuid", uuid) for uuid in alone])}
        if all(found.get(uuid) == contact for uuid, contact in expected.items()):
            mirror.put(found.values())
            return True
        mirror.distrust()
        return False

    # ----------------------------------------------------------------------------------- listing, look-ups

    def _list(self, worth: int | None, workspace: Workspace, on_read: OnRead) -> bool:
        """List contacts until there are no more (True) or the pages have cost what they are `worth` (False).

        The oldest change comes first, so that a contact which is changed meanwhile comes again and is not missed.
        """
        if worth == 0:
            return False
        mirror, deleted_until = self._mirror, self.until
        walk = None if mirror is None else mirror.begin_listing()
        read, full, number = 0, platform.PAGE, 0
        self.habit = PhoneHabit()
        for number, page in enumerate(self._client.contact_pages(limit=platform.BIG_PAGE, reverse=True), 1):
            if mirror is not None:
                mirror.put(page, walk)
            self._take_page(page, keep=mirror is None or worth is not None)
            self._note_habit(page)
            read += len(page)
            on_read(read)
            if worth is not None and number >= worth and len(page) >= full:  # a shorter page is the last
                return False
            full = len(page) if number == 1 else max(full, len(page))
        self.ways = replace(self.ways, listing=number + 1, taken="listing")
        if mirror is not None and walk is not None:
            self._end_listing(mirror, walk, deleted_until, workspace)
        return True

    def _end_listing(self, mirror: Mirror, walk: int, deleted_until: str, workspace: Workspace) -> None:
        """All contacts are in the mirror."""
        mirror.end_listing(walk, _micros(self.until), _micros(deleted_until))
        if not mirror.counts_as(workspace.groups):
            mirror.take_counts(self._client.list_groups())
        self._use(mirror, "listing")

    def _look_up(self, questions: Sequence[Question]) -> None:
        left = [*questions]
        for depth in range(max(map(len, left), default=0)):
            left = [
                question
                for question in left
                if len(question) > depth
                and not any(_is_known(self.snapshot, one) for asked in question[:depth] for one in asked)
            ]
            asked = dict.fromkeys(one for question in left for one in question[depth])
            for contact in look_up(self._client, [one for one in asked if not _is_known(self.snapshot, one)]):
                self._note_habit([contact])
                self._take(contact)

    def _note_habit(self, contacts: Iterable[Contact]) -> None:
        for contact in contacts:
            self.habit.note(contact)

    def _take_page(self, page: Sequence[Contact], *, keep: bool = True) -> None:
        """Take the contacts of a walk, which come in the order of their changes. keep: else only note how far it is."""
        self.until = max([self.until, *(contact.modified_on for contact in page)])
        if self._mirror is not None and self._uses_mirror:
            self._mirror.put(page)
        elif keep:
            for contact in page:
                self._take(contact)

    def _take(self, contact: Contact) -> None:
        """Keep a contact that the file may mean; let go of one that has lost the URN by which it was meant."""
        if not self._repeats.may_mean(contact):
            self._kept.forget(contact.uuid)
        elif contact != self._kept.contact(contact.uuid):
            self._kept.add(contact)


def before_late(moment: str) -> str | None:
    """Where to begin reading so that no change after `moment` is missed; None: at the beginning.

    moment: as the server writes its times, or "".
    """
    return moment_of(_late(micros_of(moment))) if moment else None


def _micros(moment: str) -> int:
    return micros_of(moment) if moment else 0


def _late(micros: int) -> int:
    return max(0, micros - int(LATE_S * 1_000_000))


def _pages(contacts: int) -> int:
    return -(-contacts // platform.BIG_PAGE)


def _worth(lookups: int | None, size: int) -> int | None:
    """How many pages may be listed before look-ups are the better way; None: as many as there are.

    size: the workspace has so many contacts at least.
    """
    if lookups is None:
        return None
    return 0 if lookups <= _pages(size) else max(0, lookups - FEW_LOOKUPS)


def _questions(records: Iterable[Record], ninth_digit: NinthDigit) -> list[Question]:
    """All that would have to be asked."""
    needed: dict[Question, None] = {}
    for record in records:
        if record.status == "valid":
            needed |= dict.fromkeys(_questions_for(record.wanted, ninth_digit))
    return list(needed)


def _questions_for(wanted: Wanted, ninth_digit: NinthDigit) -> Iterator[Question]:
    """What to ask for to know every contact that a row may mean, or whose URN it might take.

    A number under another scheme or in another notation matters only where nobody has just that URN; see
    `Snapshot.holders`.
    """
    if wanted.uuid:
        yield ((("uuid", wanted.uuid),),)
    for urn in wanted.urns:
        exact, *others = stored_forms(urn, ninth_digit)
        same = [form for form in others if scheme_of(form) == scheme_of(exact)]
        rounds = ([exact], same, [form for form in others if form not in same])
        yield tuple(tuple(("urn", form) for form in forms) for forms in rounds if forms)


def lookups_for(wanted: Wanted, ninth_digit: NinthDigit) -> Iterator[Lookup]:
    """All look-ups of a row, whatever they find."""
    for question in _questions_for(wanted, ninth_digit):
        for asked in question:
            yield from asked


def _is_known(snapshot: Snapshot, lookup: Lookup) -> bool:
    kind, key = lookup
    if kind == "uuid":
        return snapshot.contact(key) is not None
    return any(normalise(key) == normalise(urn) for contact in snapshot.holders(key) for urn in contact.urns)


def look_up(client: Client, lookups: Iterable[Lookup]) -> Iterator[Contact]:
    """The contacts that are found, one request a look-up, some side by side."""

    def ask(lookup: Lookup) -> Contact | None:
        kind, key = lookup
        try:
            return client.find_contact(uuid=key) if kind == "uuid" else client.find_contact(urn=key)
        except Rejected:  # what is no URN to the server no contact has
            return None

    with Crew(platform.THREADS) as crew:
        yield from (contact for contact in crew.map(ask, lookups) if contact is not None)
