"""The embedded broker hands out whole messages, whatever the timing."""

import json
import multiprocessing
import threading
from pathlib import Path

import pytest
from kombu import Connection

import petreview  # noqa: F401  (registers the transport)
from petreview.file_broker import Transport


@pytest.fixture
def broker(tmp_path: Path) -> dict[str, str]:
    for name in ("in", "processed"):
        (tmp_path / name).mkdir()
    return {
        "data_folder_in": str(tmp_path / "in"),
        "data_folder_out": str(tmp_path / "in"),
        "processed_folder": str(tmp_path / "processed"),
        "control_folder": str(tmp_path / "control"),
    }


def connect(options: dict[str, str]) -> Connection:
    return Connection("filesystem://localhost", transport_options=options)


def test_the_embedded_broker_is_ours(broker):
    with connect(broker) as connection:
        assert isinstance(connection.transport, Transport)


def test_messages_sent_while_they_are_read_come_whole_and_once(broker):
    sent = 1000
    sender = multiprocessing.get_context("fork").Process(target=send, args=(broker, sent))
    got = []
    with connect(broker | {"polling_interval": 0.0001}) as connection:
        queue = connection.SimpleQueue("rings")
        sender.start()
        while len(got) < sent:
            message = queue.get(timeout=10)
            got.append(message.payload["number"])
            message.ack()
        queue.close()
    sender.join()
    assert sorted(got) == list(range(sent))
    assert list(Path(broker["data_folder_in"]).iterdir()) == []


def send(options: dict[str, str], count: int) -> None:
    with connect(options) as connection:
        queue = connection.SimpleQueue("rings")
        for number in range(count):
            queue.put({"number": number})
        queue.close()


def test_many_processes_may_declare_the_queue_at_once(broker):
    errors = []

    def declare(number: int) -> None:
        try:
            with connect(broker) as connection:
                connection.SimpleQueue(f"queue{number % 3}").close()
        except (ValueError, OSError) as error:
            errors.append(error)

    threads = [threading.Thread(target=declare, args=[number]) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for table in Path(broker["control_folder"]).glob("*.exchange"):
        assert json.loads(table.read_text())


def test_an_unfinished_message_is_not_read(broker):
    with connect(broker) as connection:
        queue = connection.SimpleQueue("rings")
        Path(broker["data_folder_in"], "1_x.part").write_bytes(b"")
        assert queue.consumer.channel._size("rings") == 0
        queue.close()
