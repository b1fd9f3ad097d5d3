"""What it costs to take over many people from a file: the look, then all of it, beside the bare insert of them."""

import time

from customers import imports
from customers.models import Customer, Import, User
from incidents import bench
from incidents.bench import Figure, Size

FULL = Size(samples=1, calls=1, running=50_000, due=0)
SMALL = Size(samples=1, calls=1, running=500, due=0)
MEMORY_GOAL_MB = 200


def people(size: Size) -> Figure:
    """`running` says how many people the file holds; `ratio` is the import's time to that of the bare insert."""
    customer = bench.one_incident({"tz": "UTC", "always_open": True}).customer
    bare = _bare(customer, size.running)
    head = "email,name,customer,role,phone\n"
    rows = "".join(f"p{n}@bench.example,Person {n},{customer.name},reporter,+49 30 {n}\n" for n in range(size.running))
    administrator = User.objects.create(email="a@bench.example", name="A", role=User.Role.ADMINISTRATOR)
    job = imports.upload(by=administrator, kind=Import.Kind.PEOPLE, name="bench.csv", content=(head + rows).encode())
    look, _ = bench.apart(_work)
    imports.decide(job, take_over=True)
    taken, _ = bench.apart(_work)
    job = Import.objects.get(pk=job.pk)
    return {
        "people": size.running,
        "state": job.state,
        "kept": User.objects.filter(email__endswith="@bench.example", name__startswith="Person").count(),
        "look": look,
        "take_over": taken,
        "bare_insert": bare,
        "ratio": round((look["median"] + taken["median"]) / bare["median"], 2),
        "goal_mb": MEMORY_GOAL_MB,
    }


def _bare(customer: Customer, number: int) -> Figure:
    begun = time.perf_counter()
    made = User.objects.bulk_create(
        (User(customer=customer, email=f"b{n}@bare.example", name="Bare") for n in range(number)),
        batch_size=imports.BATCH,
    )
    taken = time.perf_counter() - begun
    User.objects.filter(pk__in=[each.pk for each in made]).delete()
    return bench.figure([taken, taken], "s") | {"n": 1}


def _work() -> None:
    imports.go_on()
