"""A file of customers, people or services: looked at row by row, then taken over as a whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from customers import csv_files, history
from customers.csv_files import CsvError, Row, Table
from customers.import_rows import COLUMNS, NEEDED, Outcome, Reader
from customers.models import Customer, CustomerEvent, Import, User
from itsm import jobs, moment, wakeup
from itsm.refusal import Refused

BATCH = 1_000
MOST_ERRORS = 200  # kept to look at; all are counted
EXAMPLES = 10
State = Import.State


class NotNow(Refused):
    """It was decided already, or is still being looked at."""

    status = 409


def upload(*, by: User, kind: str, name: str, content: bytes) -> Import:
    """Keeps the file and has it looked at in the background. Refuses what is no such file, with the reason."""
    try:
        table = _table(kind, content)
    except CsvError as error:
        raise Refused(error.sentence) from error
    job = Import.objects.create(
        kind=kind, name=name[:200], content=content, by=by, encoding=table.encoding, unknown=list(table.unknown)[:20]
    )
    wakeup.after_commit("customers.tasks.go_on_importing")
    return job


def _table(kind: str, content: bytes) -> Table:
    return csv_files.read(content, known=set(COLUMNS[kind]), needed=NEEDED[kind])


@transaction.atomic
def decide(job: Import, *, take_over: bool) -> Import:
    """After the look: take all of it over, or drop it. A file with errors can only be dropped."""
    found = _locked(job)
    if found is None or found.state not in (State.READY, State.REFUSED) or (take_over and found.state == State.REFUSED):
        raise NotNow(_("This was decided already, or it cannot be taken over as it is."))
    job = found
    if take_over:
        job.state, job.rows_done, job.seen_at = State.IMPORTING, 0, None
        wakeup.after_commit("customers.tasks.go_on_importing")
    else:
        _end(job, State.DROPPED)
    job.save(update_fields=["state", "rows_done", "seen_at", "finished_at"])
    return job


def _locked(job: Import) -> Import | None:
    """None while somebody else works at it: nobody waits for a whole file."""
    return Import.objects.defer("content").select_for_update(no_key=True, skip_locked=True).filter(pk=job.pk).first()


def _end(job: Import, state: State) -> None:
    job.state, job.finished_at = state, moment.now()
    Import.objects.filter(pk=job.pk).update(content=b"")  # what stood in it is kept where it belongs, or nowhere


def go_on() -> int:
    """Takes up what nobody works at, one file after the other; returns how many. What was left begins anew."""
    done = 0
    while job := jobs.claim(Import.objects.at_work().defer("content")):
        (_look_at if job.state == State.CHECKING else _take_over)(job)
        done += 1
    return done


def _look_at(job: Import) -> None:
    table, reader = _table(job.kind, bytes(job.content)), Reader(job.kind)
    job.rows_total = max(table.text.count("\n"), 1)  # until it is known: a fair guess for the bar
    job.rows_done = job.new = job.changed = job.errors_total = 0
    job.errors, job.examples = [], []
    try:
        for batch in _batches(table.rows()):
            _count(job, reader.look_at(batch), batch)
            job.save(update_fields=["rows_total", "rows_done", "new", "changed"])
            jobs.sign(job)
    except CsvError as error:
        _wrong(job, [{"row": "", "column": "", "sentence": error.sentence}])
    job.rows_total = job.rows_done
    if not job.rows_total and not job.errors_total:
        _wrong(job, [{"row": "", "column": "", "sentence": _("There is no row below the header.")}])
    job.state = State.REFUSED if job.errors_total else State.READY
    job.save(update_fields=["state", "rows_total", "rows_done", "new", "changed", "errors", "errors_total", "examples"])


def _count(job: Import, outcome: Outcome, batch: list[Row]) -> None:
    job.rows_done += len(batch)
    job.new += len(outcome.new)
    job.changed += len(outcome.changed)
    job.examples += [row.values for row in batch[: EXAMPLES - len(job.examples)]]
    _wrong(job, outcome.errors)


def _wrong(job: Import, errors: list[dict[str, Any]]) -> None:
    job.errors_total += len(errors)
    job.errors += errors[: MOST_ERRORS - len(job.errors)]


def _take_over(job: Import) -> None:
    """All rows in one transaction; what changed since the look may have made a row wrong, and then none is kept."""
    table, reader = _table(job.kind, bytes(job.content)), Reader(job.kind)
    touched: Counter[int] = Counter()
    done = 0
    try:
        with transaction.atomic():
            if not (held := _locked(job)) or held.state != State.IMPORTING:
                return  # its lock is the sign of life: whoever has it works at it
            for batch in _batches(table.rows()):
                outcome = reader.look_at(batch)
                if outcome.errors:
                    raise _Changed(outcome.errors)
                touched += _save(outcome)
                done += len(batch)
                # Beside the transaction, which nobody sees into; lost, it is only not shown.
                cache.set(_progress_key(job), done, 600)
            _record(job, touched)
            _end(job, State.DONE)
            job.rows_done = done
            job.save(update_fields=["state", "finished_at", "rows_done"])
    except _Changed as changed:
        _refuse(job, changed.errors)
    except IntegrityError:
        _refuse(
            job, [{"row": "", "column": "", "sentence": _("Meanwhile somebody added one of these. Nothing was kept.")}]
        )


class _Changed(Exception):
    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__()
        self.errors = errors


def _refuse(job: Import, errors: list[dict[str, Any]]) -> None:
    job.refresh_from_db()
    _wrong(job, errors)
    job.state = State.REFUSED
    job.save(update_fields=["state", "errors", "errors_total"])


def _save(outcome: Outcome) -> Counter[int]:
    """Inserts and updates; returns how many rows of which customer."""
    changed = [row for row, _names in outcome.changed]
    if outcome.new:
        type(outcome.new[0]).objects.bulk_create(outcome.new)
    if changed:
        names = sorted({name for _row, differing in outcome.changed for name in differing})
        type(changed[0]).objects.bulk_update(changed, names)
    every = [*outcome.new, *changed]
    return Counter(row.pk if isinstance(row, Customer) else row.customer_id for row in every)


def _record(job: Import, touched: Counter[int]) -> None:
    history.record_all(
        Customer.objects.filter(pk__in=touched), CustomerEvent.Kind.IMPORTED, by=job.by, at=moment.now(),
        data=lambda customer: {"kind": job.kind, "rows": touched[customer.pk], "file": job.name},
    )  # fmt: skip


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def progress(job: Import) -> int:
    """Rows done so far, also while they are being taken over."""
    return int(cache.get(_progress_key(job), 0)) if job.state == State.IMPORTING else job.rows_done


def _progress_key(job: Import) -> str:
    return f"import-{job.pk}"
