# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test entries and locks in a real Redis server: read access, write access, and failures."""

from __future__ import annotations

import contextlib
import signal
import socketserver
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import redis_store
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import (
    CacheError,
    FileStore,
    open_store,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.redis_store import RedisStore
from ansible_collections.aliyun.cli.tests.redis_server import (
    ACL_RULES,
    RedisServer,
    free_port,
    running,
    write_certificates,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import Clock

KEY = "a" * 64
OTHER = "b" * 64


@pytest.fixture(name="server_process", scope="module")
def fixture_server_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(name="server")
def fixture_server(server_process: RedisServer) -> RedisServer:
    with server_process.client as client:
        client.flushall()
    return server_process


@pytest.fixture(name="warnings")
def fixture_warnings() -> list[str]:
    return []


@pytest.fixture(name="files")
def fixture_files(tmp_path: Path) -> Iterator[FileStore]:
    files = open_store([str(tmp_path)])
    yield files
    files.close()


@pytest.fixture(name="make")
def fixture_make(files: FileStore, warnings: list[str]) -> Iterator[Any]:
    """Yield a function that creates stores of one controller for a URL."""
    made = []

    def make(url: str, prefix: str = "test:", lease: float = 30) -> RedisStore:
        store = RedisStore(url, prefix=prefix, lease=lease, files=files, warn=warnings.append)
        made.append(store)
        return store

    yield make
    for store in made:
        store.close()


@pytest.fixture(name="store")
def fixture_store(make: Any, server: RedisServer) -> Any:
    return make(server.url)


def entry(clock: Clock, value: Any = "value", lifetime: float = 3600) -> dict[str, Any]:
    return {
        "obtained": clock.wall,
        "boot": clock.boot,
        "expiration": clock.wall + lifetime,
        "fingerprint": None,
        "value": value,
        "wait": 30,
    }


def put(store: RedisStore, clock: Clock, key: str = KEY, **values: Any) -> dict[str, Any]:
    written = entry(clock, **values)
    store.write(key, written, written["expiration"])
    return written


def test_what_is_written_is_read_and_is_due_for_renewal_as_elsewhere(
    store: RedisStore, clock: Clock
) -> None:
    written = put(store, clock)
    assert store.read(KEY) == {**written, "wait": 0}
    assert store.read(OTHER) is None


def test_server_has_names_that_mean_nothing_and_ciphertext(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock, value="SECRET")
    unlock = store.lock(KEY)
    assert unlock
    dumped = server.dump()
    assert len(dumped) == 2 and all(name.startswith(b"test:") for name in dumped)
    everything = b"".join([*dumped, *dumped.values()])
    for known in (KEY.encode(), b"SECRET", b"value", b"obtained"):
        assert known not in everything


def test_same_entry_is_encrypted_differently_each_time(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    dumps = []
    for _time in range(2):
        put(store, clock)
        dumps.append(server.dump())
    assert dumps[0].keys() == dumps[1].keys()
    assert dumps[0] != dumps[1]


def test_entry_is_forgotten_with_the_credentials(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock, lifetime=900)
    put(store, clock, key=OTHER, lifetime=10**6)
    with server.client as client:
        seconds = sorted(client.ttl(key) for key in client.keys("*"))
    assert 800 < seconds[0] <= 900 and 43100 < seconds[1] <= 43200
    put(store, clock, key="c" * 64, lifetime=-1)
    assert len(server.dump()) == 2


def test_entry_with_a_changed_byte_is_not_used(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock, value="v")
    ((name, raw),) = server.dump().items()
    with server.client as client:
        for place in range(len(raw)):
            changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            client.set(name, changed, keepttl=True)
            assert store.read(KEY) is None
        for cut in (0, 1, 12, 13, len(raw) - 1):
            client.set(name, raw[:cut], keepttl=True)
            assert store.read(KEY) is None
        client.set(name, raw, keepttl=True)
    assert store.read(KEY)


def test_entry_under_the_name_of_another_one_is_not_used(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock, value="a")
    ((name, raw),) = server.dump().items()
    put(store, clock, key=OTHER, value="b")
    (other,) = server.dump().keys() - {name}
    with server.client as client:
        client.set(other, raw, keepttl=True)
    assert store.read(OTHER) is None


def test_entry_of_another_type_or_without_an_end_is_not_used(
    store: RedisStore, make: Any, server: RedisServer, clock: Clock, warnings: list[str]
) -> None:
    put(store, clock)
    (name,) = server.dump()
    with server.client as client:
        client.set(name, b"x" * 2**20, keepttl=True)
        assert store.read(KEY) is None
        client.delete(name)
        client.lpush(name, "x")
        assert store.read(KEY) is None
    assert len(warnings) == 1


def test_expired_entry_that_is_replayed_is_expired(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock)
    ((name, raw),) = server.dump().items()
    clock.advance(3600)
    with server.client as client:
        client.set(name, raw, px=3600 * 1000)
    found = store.read(KEY)
    assert found and redis_store._entry.find_state(found, 0) == "expired"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "lifetime, ahead, found",
    [(3600, 25, True), (3600, 31, False), (900, 5, True), (900, 10, False)],
)
def test_clock_of_another_controller_may_be_ahead_by_what_is_never_used(
    store: RedisStore, clock: Clock, lifetime: float, ahead: float, found: bool
) -> None:
    clock.wall += ahead
    written = put(store, clock, lifetime=lifetime)
    clock.wall -= ahead
    read = store.read(KEY)
    assert bool(read) == found
    if read:
        assert read["obtained"] == clock.wall and read["expiration"] == written["expiration"]
        clock.advance(lifetime)
        assert redis_store._entry.find_state(read, 0) == "expired"  # type: ignore[attr-defined]


@pytest.mark.parametrize("behind", [31, 1800, 3600, 3700, 7200])
def test_old_entry_is_not_young_to_a_controller_whose_clock_is_behind(
    store: RedisStore, server: RedisServer, clock: Clock, behind: float
) -> None:
    put(store, clock)
    (name,) = server.dump()
    for age in (0, 1200, 2400, 3500, 3599):
        with server.client as client:
            # As if the entry were of this age by the clock of the server.
            client.pexpire(name, (3600 - age) * 1000)
        clock.wall += age - behind
        assert store.read(KEY) is None
        clock.wall += behind - age


def test_entry_that_the_server_would_keep_forever_is_not_used(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock)
    (name,) = server.dump()
    with server.client as client:
        client.persist(name)
    assert store.read(KEY) is None


@pytest.mark.parametrize("step", [-7200, 1800])
def test_clock_that_is_set_during_a_call_prolongs_no_entry(
    store: RedisStore, server: RedisServer, clock: Clock, step: float
) -> None:
    written = entry(clock)
    clock.advance(100)
    clock.wall += step
    store.write(KEY, written, written["expiration"])
    (name,) = server.dump()
    with server.client as client:
        assert client.pttl(name) <= 3500 * 1000


def test_start_of_another_machine_means_nothing_here(store: RedisStore, clock: Clock) -> None:
    put(store, clock)
    clock.boot = 5
    clock.wall += 100
    read = store.read(KEY)
    assert read and redis_store._entry.measure_age(read) == 100  # type: ignore[attr-defined]
    # From now on both clocks count.
    clock.boot += 50
    assert redis_store._entry.measure_age(read) == 150  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "content", [[], 1, {}, {"obtained": "x"}, {"obtained": 1, "expiration": []}]
)
def test_entry_of_another_version_is_not_used(
    store: RedisStore, server: RedisServer, content: Any
) -> None:
    cipher = redis_store._Cipher.of(KEY)
    with server.client as client:
        client.set("test:" + cipher.name, cipher.encrypt(content), ex=60)
    assert store.read(KEY) is None


def test_other_prefix_is_another_cache(
    make: Any, store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock)
    assert make(server.url, prefix="other:").read(KEY) is None


def test_value_is_removed_unless_another_one_was_written(
    store: RedisStore, server: RedisServer, clock: Clock
) -> None:
    put(store, clock, value="new")
    store.remove_value(KEY, "rejected")
    assert store.read(KEY)
    store.remove_value(KEY, "new")
    assert server.dump() == {}
    store.remove_value(KEY, "new")


def test_lock_has_one_owner_until_it_is_unlocked_or_its_lease_ends(
    make: Any, store: RedisStore, server: RedisServer
) -> None:
    unlock = store.lock(KEY)
    other = make(server.url, lease=0.05)
    assert unlock and other.lock(KEY) is None and store.lock(OTHER)
    unlock()
    assert other.lock(KEY)
    # Its lease ends, although nobody unlocks it.
    deadline = time.monotonic() + 30
    while not (again := store.lock(KEY)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    again()


def test_lock_that_was_lost_is_not_taken_from_its_next_owner(
    make: Any, store: RedisStore, server: RedisServer
) -> None:
    unlock = store.lock(KEY)
    with server.client as client:
        client.flushall()
    assert unlock and store.lock(KEY)
    unlock()
    assert make(server.url).lock(KEY) is None


def test_port_with_a_user_who_may_do_no_more_than_is_needed(
    make: Any, tmp_path: Path, clock: Clock, warnings: list[str]
) -> None:
    port = free_port()
    acl = ["ansible", "on", ">pass word", "~team:*", "-@all", *ACL_RULES]
    with running(tmp_path / "redis", port=port, bind="127.0.0.1", user=acl) as server:
        url = f"redis://ansible:pass%20word@127.0.0.1:{port}/0"
        store = make(url, prefix="team:")
        unlock = store.lock(KEY)
        put(store, clock)
        assert unlock and store.read(KEY)
        store.remove_value(KEY, "value")
        unlock()
        assert server.dump() == {} and warnings == []
        assert make(url, prefix="other:").read(KEY) is None
        assert warnings.pop().endswith(": its ACL does not allow a command or key")


def test_tls_with_an_authority_of_the_test(
    make: Any, files: FileStore, tmp_path: Path, clock: Clock, warnings: list[str]
) -> None:
    ca, server = write_certificates(tmp_path)
    port = free_port()
    settings = {"tls_port": port, "tls_cert_file": server, "tls_key_file": server}
    with running(
        tmp_path / "redis", bind="127.0.0.1", tls_auth_clients="no", tls_ca_cert_file=ca, **settings
    ):
        store = make(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={ca}")
        put(store, clock)
        assert store.read(KEY) and warnings == []
        stranger = make(f"rediss://127.0.0.1:{port}/0")
        assert stranger.read(KEY) is None
    assert len(warnings) == 1


def fails(make: Any, url: str, warnings: list[str], clock: Clock) -> str:
    """Use an engine that fails, and return the reason that the one warning names."""
    store = make(url)
    put(store, clock)
    unlock = store.lock(KEY)
    assert store.read(KEY) is None
    assert unlock
    unlock()
    (warning,) = warnings
    assert "secret" not in warning
    return warning.rpartition(" is not used for 30 seconds: ")[2]


def test_no_server(make: Any, warnings: list[str], clock: Clock) -> None:
    url = f"redis://ansible:secret@127.0.0.1:{free_port()}/0"
    assert fails(make, url, warnings, clock) == "the connection failed"
    assert warnings[0].startswith("The shared credential cache at 127.0.0.1:")


def test_wrong_password(make: Any, warnings: list[str], clock: Clock, tmp_path: Path) -> None:
    port = free_port()
    acl = ["ansible", "on", ">right", "~*", "+@all"]
    with running(tmp_path / "redis", port=port, bind="127.0.0.1", user=acl):
        reason = fails(make, f"redis://ansible:secret@127.0.0.1:{port}/0", warnings, clock)
    assert reason == "it rejected the user name or password of cache_url"


def test_full_memory(make: Any, warnings: list[str], clock: Clock, tmp_path: Path) -> None:
    with running(tmp_path / "redis", maxmemory="1", maxmemory_policy="noeviction") as server:
        assert fails(make, server.url, warnings, clock) == "its memory is full"


def test_replica(make: Any, warnings: list[str], clock: Clock, tmp_path: Path) -> None:
    with running(tmp_path / "redis", replicaof=["127.0.0.1", str(free_port())]) as server:
        assert fails(make, server.url, warnings, clock) == "it is a read-only replica"


def test_stalled_server(make: Any, warnings: list[str], clock: Clock, tmp_path: Path) -> None:
    with running(tmp_path / "redis") as server:
        server.signal(signal.SIGSTOP)
        assert fails(make, server.url, warnings, clock) == "it did not respond in time"


class Hostile(socketserver.ThreadingTCPServer):
    """A server that confirms each command, until it answers GETRANGE with ``parts``. It counts what it could send."""

    daemon_threads = True

    def __init__(self, parts: Iterable[bytes], pause: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), HostileHandler)
        self.parts = list(parts)
        self.pause = pause
        self.sent = 0
        self.has_sent_all = False
        self.has_ended = threading.Event()


class HostileHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Hostile)
        while data := self.request.recv(65536):
            if b"GETRANGE" not in data:
                self.request.sendall(b"+OK\r\n" * data.count(b"*"))
                continue
            try:
                for part in server.parts:
                    self.request.sendall(part)
                    server.sent += len(part)
                    time.sleep(server.pause)
                server.has_sent_all = True
            except OSError:
                pass
            finally:
                server.has_ended.set()
            return


@contextlib.contextmanager
def serving(server: Hostile) -> Iterator[str]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"redis://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b":60000\r\n:5\r\n",
        b":60000\r\n$-1\r\n",
        b":60000\r\n*1\r\n$1\r\nx\r\n",
        b"$1\r\n1\r\n$1\r\nx\r\n",
        b":60000\r\n" + b"*1\r\n" * 5000,
        b":60000\r\n$" + b"9" * 5000 + b"\r\n",
        b":" + b"9" * 5000 + b"\r\n$1\r\nx\r\n",
        b":60000\r\n$10\r\nxxxxx",
        b":60000\r\n-ERR \xff\xfe PASSWORD\r\n",
        b"\0" * 100,
    ],
    ids=range(11),
)
def test_garbage(make: Any, warnings: list[str], clock: Clock, answer: bytes) -> None:
    with serving(Hostile([answer])) as url:
        store = make(url)
        assert store.read(KEY) is None
        assert len(warnings) == 1 and "PASSWORD" not in warnings[0]
        store.remove_value(KEY, "value")
        put(store, clock)
        assert store.lock(KEY) and len(warnings) == 1


def test_garbage_from_the_first_byte(make: Any, warnings: list[str], clock: Clock) -> None:
    class Garbage(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Garbage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert fails(make, f"redis://127.0.0.1:{server.server_address[1]}/", warnings, clock)
        server.shutdown()


@pytest.mark.parametrize("start", [b":60000\r\n$1073741824\r\n", b":60000\r\n$", b":60000\r\n+"])
def test_answer_without_an_end_is_not_read(make: Any, warnings: list[str], start: bytes) -> None:
    server = Hostile([start, *[b"1" * 2**20] * 256])
    with serving(server) as url:
        assert make(url).read(KEY) is None
        assert server.has_ended.wait(60)
    # The kernel buffers some of it.
    assert server.sent < 64 * 2**20
    assert len(warnings) == 1


def test_answer_in_small_parts_is_not_waited_for(make: Any, warnings: list[str]) -> None:
    server = Hostile([b":60000\r\n$4000\r\n", *[b"x"] * 600], pause=0.02)
    with serving(server) as url:
        assert make(url + "?socket_timeout=0.2").read(KEY) is None
        assert server.has_ended.wait(60)
    assert not server.has_sent_all
    (warning,) = warnings
    assert warning.endswith(": it did not respond in time")


def test_unknown_setting(make: Any, warnings: list[str], clock: Clock) -> None:
    url = "redis://127.0.0.1/?no_such_setting=1"
    assert fails(make, url, warnings, clock) == "cache_url contains an unknown setting"


@pytest.mark.parametrize(
    "url",
    [
        "redis://USER:PASSWORD@127.0.0.1:1/0",
        "redis://:PASS/WORD@127.0.0.1:1/0",
        "redis://:PASS?WORD@127.0.0.1:1/0",
        "redis://:PASS#WORD@127.0.0.1:1/0",
        "redis://:PASS@WORD@127.0.0.1:1/0",
        "redis://127.0.0.1:1/0?password=PASSWORD",
        "rediss://:PASSWORD@127.0.0.1:1/0?ssl_ca_certs=/PASSWORD",
        "unix://:PASS/WORD@/no/such/socket",
        "unix:///no/such/socket?password=PASSWORD",
        "redis://:PASSWORD@127.0.0.1:port/0",
        "redis://:PASSWORD@127.0.0.1:1/0?socket_timeout=PASSWORD",
    ],
)
def test_warning_holds_no_password(make: Any, warnings: list[str], url: str) -> None:
    assert make(url).read(KEY) is None
    (warning,) = warnings
    assert not [text for text in ("PASS", "WORD", "USER") if text in warning]


@pytest.mark.parametrize("url", ["", "127.0.0.1:6379", "http://127.0.0.1/", "redis", "redis://[/"])
def test_what_is_no_url_of_an_engine(make: Any, url: str) -> None:
    with pytest.raises(
        CacheError, match="cache_url must begin with redis://, rediss://, or unix://"
    ):
        make(url)


def test_engine_that_failed_is_left_alone_by_all_for_a_while(
    make: Any, warnings: list[str], clock: Clock, tmp_path: Path
) -> None:
    with running(tmp_path / "redis") as server:
        put(make(server.url), clock)
        server.kill()
        assert make(server.url).read(KEY) is None
        server.start()
        put(make(server.url), clock)
        assert server.dump() == {} and len(warnings) == 1
        # Another URL is another engine.
        put(make(server.url + "?db=1"), clock)
        clock.advance(31)
        put(make(server.url), clock)
        assert make(server.url).read(KEY)
        assert len(server.dump()) == 1 and len(warnings) == 1


def test_store_whose_files_cannot_be_written_finds_out_by_itself(
    make: Any, files: FileStore, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write", full)
    for _store in range(2):
        assert make(f"redis://127.0.0.1:{free_port()}/").read(KEY) is None
    assert len(warnings) == 2


def test_missing_package_is_an_error(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch, warnings: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError):
        store.read(KEY)
    assert warnings == []


def test_marker_of_another_controller_is_read(store: RedisStore, clock: Clock) -> None:
    clock.wall += 4
    store.write(KEY, {"obtained": clock.wall, "message": "no"}, clock.wall + 5)
    clock.wall -= 4
    read = store.read(KEY)
    assert read and (read["message"], read["obtained"]) == ("no", clock.wall)
