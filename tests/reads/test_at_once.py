"""Many at once on the real database file: nobody gets a 5xx and nothing is lost or counted twice."""

import threading

import numpy as np
import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotations.accounts.models import Role
from annotations.models import Assignment, Event, Read, Version
from annotations.reads.services import finalise_read, lock_data
from annotations.segmentations.selectors import head_version
from annotations.segmentations.services import verify_chain
from tests.builders import SMALL, boxes, make_reader_study, make_user, model_version
from tests.reads.scenes import L1, L2, Reader, edit_json, make_assignment, make_case

pytestmark = pytest.mark.django_db(transaction=True)


def run_at_once(calls) -> list:
    """The results of all calls, each in a thread and with a connection of its own."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def work(number, call):
        barrier.wait()
        try:
            results[number] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_ten_readers_save_at_once_while_results_are_inserted():
    readers = [make_user(f"reader-{n}", Role.READER) for n in range(10)]
    study = make_case()
    plan = make_reader_study(readers=readers, studies=[study])
    clients = [Reader(user) for user in readers]
    reads = [client.open(plan.assignments.get(reader=client.user)) for client in clients]
    volume = reads[0].segmentation.volume

    def save_five(client, read):
        codes = []
        for n in range(5):
            labels = boxes(SMALL, L1=L1, L3=np.s_[0:1, 0 : n + 1, 15:18])
            codes.append(client.save(read, labels).status_code)
            codes.append(client.record(read, (n, "activity"), (n, "edit")).status_code)
        return codes

    def insert_results():
        return [model_version(volume, boxes(SMALL, L1=L1), fingerprint=f"{n}" * 64).number for n in range(5)]

    saves = [lambda c=client, r=read: save_five(c, r) for client, read in zip(clients, reads, strict=True)]
    results = run_at_once([*saves, insert_results])
    assert results[-1] == [1] * 5
    assert all(codes == [201, 200] * 5 for codes in results[:-1])
    assert Event.objects.count() == 100
    for read in reads:
        assert read.segmentation.versions.count() == 6
        assert verify_chain(read.segmentation) == []


def test_the_same_edit_sent_ten_times_at_once_is_one_version():
    assignment = make_assignment()
    client = Reader(assignment.reader)
    read = client.open(assignment)
    edit = edit_json(read.segmentation.versions.get(), boxes(SMALL, L1=L1))
    answers = run_at_once([lambda: Reader(assignment.reader).send_edit(read, edit) for _ in range(10)])
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["version_digest"] for answer in answers}) == 1
    assert read.segmentation.versions.count() == 2


def test_one_assignment_opened_ten_times_at_once_is_one_read():
    assignment = make_assignment()
    path = f"assignments/{assignment.pk}/open/"
    answers = run_at_once([lambda: Reader(assignment.reader).post(path) for _ in range(10)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Read.objects.count() == 1
    assert Version.objects.count() == 2


def test_one_batch_of_events_sent_ten_times_at_once_is_stored_once():
    assignment = make_assignment()
    client = Reader(assignment.reader)
    read = client.open(assignment)
    events = client.events(*[(n, "activity") for n in range(50)])
    answers = run_at_once([lambda: Reader(assignment.reader).send(read, events) for _ in range(10)])
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["stored"] for answer in answers) == 50
    assert read.events.count() == 50


def test_a_submit_and_a_save_at_once_never_mix():
    """Either the edit is in and the submit names a stale head, or the read is frozen without it."""
    assignment = make_assignment("empty")
    client = Reader(assignment.reader)
    read = client.open(assignment)
    edit = edit_json(read.segmentation.versions.get(), boxes(SMALL, L2=L2))
    arrived = client.arrived(read)
    final = lambda: Reader(assignment.reader).post(f"reads/{read.pk}/final/", arrived)  # noqa: E731
    answers = run_at_once([final, lambda: Reader(assignment.reader).send_edit(read, edit)])
    codes = [answer.status_code for answer in answers]
    assert codes in ([200, 409], [409, 201])
    assert Assignment.objects.get().reads.get().segmentation.versions.count() == (2 if codes[1] == 201 else 1)


@pytest.mark.parametrize("what", ["final", "data_lock"])
def test_a_save_that_waited_for_a_final_or_a_data_lock_is_refused(what):
    """The save begins while the other transaction is open, and must see what that one committed."""
    assignment = make_assignment("empty")
    client = Reader(assignment.reader)
    read = client.open(assignment)
    edit = edit_json(read.segmentation.versions.get(), boxes(SMALL, L2=L2))
    has_written, may_commit = threading.Event(), threading.Event()

    def write():
        if what == "final":
            finalise_read(read=read, head=head_version(read.segmentation).pk, event_count=0)
        else:
            lead = make_user("lead", Role.COORDINATOR)
            study = assignment.plan.reader_study
            lock_data(study=study, by=lead, password="lead-password", meaning="closed")

    def first():
        with transaction.atomic():
            write()
            has_written.set()
            may_commit.wait(10)
        return timezone.now()

    def second():
        has_written.wait(10)
        threading.Timer(0.5, may_commit.set).start()
        return Reader(assignment.reader).send_edit(read, edit), timezone.now()

    committed, (answer, answered) = run_at_once([first, second])
    assert answer.status_code == 409
    assert answered > committed
    assert read.segmentation.versions.count() == 1
