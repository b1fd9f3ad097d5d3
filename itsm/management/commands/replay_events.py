"""Puts events that were set aside after ten failed tries back in line."""

from django.core.management.base import BaseCommand

from itsm import events


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        replayed = sum(events.replay(model) for model in events.kinds_of_events())
        events.announce()
        self.stdout.write(f"{replayed} events are back in line.")
