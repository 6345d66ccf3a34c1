"""One V8 isolate that runs one script and answers with text: the thinnest layer over ``mini-racer``.

``MiniRacer.eval`` hands a call from the caller's thread to an asyncio thread, from there to V8's, and back the same
way: 280 microseconds for an empty script, of which V8 needs a few. Here the caller posts its script to V8's thread
and sleeps on a socket until V8 writes the answer's address to it: 12 microseconds, and Python's global lock changes
hands once instead of a dozen times.

It uses the C functions behind ``mini-racer`` (``src/v8_py_frontend/exports.cc`` there) through the handle that its
public ``init_mini_racer`` returns. They are no promise, hence the exact pin of its version; ``tests/engine/feel/``
exercises every one of them. Posting and freeing take a mutex for an instant and never wait for V8, so they keep the
global lock (``PyDLL``); nothing else may.
"""

import ctypes
import os
import socket
import struct
import threading
import time
from typing import Any, Final, Protocol

#: Value types of the C interface (``py_mini_racer._objects``).
_TEXT: Final = 5
_ERRORS: Final = 200
_OUT_OF_MEMORY: Final = 202
_TERMINATED: Final = frozenset({203, 204})

#: How long a stopped script may take to stop, seconds, before its isolate is given up.
_GRACE_S: Final = 5.0
#: How often an isolate that is full is tidied up before it is given up.
_RECOVERIES: Final = 5
#: A machine too busy to grant the processor time gets this many times as much by the clock.
_PATIENCE: Final = 10

#: Hand-offs that a lost thread may yet write to: their descriptors must never be another's.
_GIVEN_UP: Final[list[Any]] = []

_Address = ctypes.c_void_p
_Callback: Final = ctypes.CFUNCTYPE(None, ctypes.c_uint64, _Address)


class ScriptStopped(Exception):
    """The script ran longer than it may."""


class ScriptOutOfMemory(Exception):
    """The script took more memory than it may."""


class ScriptFailed(Exception):
    """The script threw, or its result is no text."""


class _Value(ctypes.Structure):
    """A value of the C interface; of its union we read the pointer only."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("pointer", ctypes.c_void_p), ("length", ctypes.c_size_t), ("type", ctypes.c_uint8))


class HandOff(Protocol):
    """How V8's thread tells the caller's that a script has ended, and with what."""

    #: The C function that V8 calls with ``token`` and the address of the result.
    function: Any
    token: int

    def wait(self, seconds: float) -> int | None:
        """Return the address of the result, or None when it takes longer than ``seconds``."""
        ...

    def close(self) -> None:
        """Free what the system lent."""
        ...


class SocketHandOff:
    """V8 calls the C library's ``eventfd_write(fd, value)``, which writes the address, eight bytes, to a socket.

    No Python runs in V8's thread, and the caller wakes once.
    """

    def __init__(self) -> None:
        """Open the socket pair.

        Raises:
            AttributeError: the C library is not Linux's.
        """
        self.function: Any = ctypes.CDLL(None).eventfd_write
        self._reader, self._writer = socket.socketpair()
        self.token = self._writer.fileno()
        self._descriptor = self._reader.fileno()
        self._seconds = 0.0

    def wait(self, seconds: float) -> int | None:
        """Return the address of the result, or None when it takes longer than ``seconds``."""
        if seconds != self._seconds:
            whole, part = divmod(seconds, 1)
            timeout = struct.pack("ll", int(whole), max(1, int(part * 1_000_000)))
            self._reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)
            self._seconds = seconds
        try:
            return int.from_bytes(os.read(self._descriptor, 8), "little")
        except BlockingIOError:
            return None

    def close(self) -> None:
        """Close the socket pair."""
        self._reader.close()
        self._writer.close()


class CallbackHandOff:
    """V8 calls Python: slower by half, works everywhere."""

    token = 1

    def __init__(self) -> None:
        """Start with nothing to hand over."""
        self._done = threading.Semaphore(0)
        self._address = 0
        self.function: Any = _Callback(self._called)

    def _called(self, _token: int, address: int) -> None:
        self._address = address
        self._done.release()

    def wait(self, seconds: float) -> int | None:
        """Return the address of the result, or None when it takes longer than ``seconds``."""
        return self._address if self._done.acquire(timeout=seconds) else None

    def close(self) -> None:
        """Nothing was lent."""


def hand_off() -> HandOff:
    """Return the fastest hand-off that this system has."""
    try:
        return SocketHandOff()
    except AttributeError:
        return CallbackHandOff()


class Isolate:
    """A V8 heap with one script loaded. Calls must come one at a time; the owner holds the lock."""

    def __init__(self, script: str, *, memory_bytes: int, by: HandOff | None = None) -> None:
        """Start V8 and run ``script``; its heap may grow to ``memory_bytes``."""
        from py_mini_racer import init_mini_racer  # noqa: PLC0415 - the first expression starts V8, not the program

        #: Not usable any more: close it and start another.
        self.spent = False
        self._hand_off = hand_off() if by is None else by
        self._dll: Any = init_mini_racer(ignore_duplicate_init=True)
        self._quick = _quick(self._dll)
        init_context: Any = _prototype(self._dll, "mr_init_context", ctypes.c_uint64, _Address)
        self._context: int = init_context(ctypes.cast(self._hand_off.function, _Address))
        self._memory_bytes = memory_bytes
        self._set_limits()
        self.evaluate(script.encode() + b";''", seconds=30)

    def evaluate(self, code: bytes, *, seconds: float) -> bytes:
        """Run ``code`` (UTF-8) and return its result, which must be text, in UTF-8.

        ``seconds`` are of this process's processor time; a busy machine gets ten times as many by the clock.

        Raises:
            ScriptStopped: it ran out of time; the isolate is usable.
            ScriptOutOfMemory: it ran out of memory; the isolate is usable again, or spent.
            ScriptFailed: it threw, or its result is no text.
        """
        started = time.process_time()
        source = self._quick.mr_alloc_string_val(self._context, code, len(code), _TEXT)
        task = self._quick.mr_eval(self._context, source, self._hand_off.token)
        try:
            address = self._hand_off.wait(seconds) or self._wait_on(started, seconds)
        except BaseException:
            self.spent = True  # interrupted: this script's answer must not be taken for the next one's
            raise
        stopped = address is None
        if address is None:
            self._dll.mr_cancel_task(self._context, task)
            address = self._hand_off.wait(_GRACE_S)
        if address is None:
            self._give_up()
            raise ScriptStopped
        self._quick.mr_free_value(self._context, source)
        return self._take(address, stopped=stopped)

    def _wait_on(self, started: float, seconds: float) -> int | None:
        for _ in range(_PATIENCE - 1):
            if time.process_time() - started >= seconds:
                return None
            address = self._hand_off.wait(seconds)
            if address is not None:
                return address
        return None

    def _take(self, address: int, *, stopped: bool) -> bytes:
        value = _Value.from_address(address)
        kind = value.type
        text = ctypes.string_at(value.pointer, value.length) if kind == _TEXT or kind >= _ERRORS else b""
        self._quick.mr_free_value(self._context, address)
        is_full = kind == _OUT_OF_MEMORY or self._quick.mr_hard_memory_limit_reached(self._context)
        if is_full:
            self._recover()
        if kind == _TEXT:
            return text
        if is_full:
            raise ScriptOutOfMemory
        if stopped or kind in _TERMINATED:
            self._settle()
            if self._context:
                self._dll.mr_low_memory_notification(self._context)  # V8 would keep what the script left for later
            raise ScriptStopped
        raise ScriptFailed(text.decode(errors="replace").strip())

    def _set_limits(self) -> None:
        """Set both limits, which also takes back that one was reached."""
        self._dll.mr_set_hard_memory_limit(self._context, self._memory_bytes)
        self._dll.mr_set_soft_memory_limit(self._context, self._memory_bytes // 8)

    def _recover(self) -> None:
        """Go on after a script that took all memory: collect what it left, and set the limits anew.

        Freeing such an isolate instead ends the process now and then (mini-racer 0.14.1: a segmentation fault in
        ``mr_free_context``), so one that does not recover is left alone.
        """
        for _ in range(_RECOVERIES):
            self._dll.mr_low_memory_notification(self._context)
            self._set_limits()
            self.spent = False
            self._settle()
            if not self._context:
                return
            if not self.spent and not self._quick.mr_hard_memory_limit_reached(self._context):
                return
        self._give_up()

    def _settle(self) -> None:
        """Use up an order to stop that came when the script had just ended: it would hit the next one."""
        for _ in range(2):
            code = b"''"
            source = self._quick.mr_alloc_string_val(self._context, code, len(code), _TEXT)
            self._quick.mr_eval(self._context, source, self._hand_off.token)
            address = self._hand_off.wait(_GRACE_S)
            if address is None:
                self._give_up()
                return
            self._quick.mr_free_value(self._context, source)
            kind = _Value.from_address(address).type
            self._quick.mr_free_value(self._context, address)
            if kind == _TEXT:
                return
        self.spent = True

    def _give_up(self) -> None:
        """Leave a script that neither ends nor stops, with its thread."""
        self.spent = True
        self._context = 0
        _GIVEN_UP.append(self._hand_off)

    def close(self) -> None:
        """End the isolate and its thread; closing twice changes nothing."""
        if self._context:
            context, self._context = self._context, 0
            self._dll.mr_free_context(context)
            self._hand_off.close()


def _prototype(library: Any, name: str, result: Any, *arguments: Any) -> Any:
    # a function object of our own: the library's declares its callback as a Python function
    function = library[name]
    function.restype = result
    function.argtypes = arguments
    return function


def _quick(library: Any) -> Any:
    quick: Any = ctypes.PyDLL(None, handle=library._handle)  # noqa: SLF001 - the documented attribute of ctypes
    for name, result, arguments in (
        ("mr_alloc_string_val", _Address, (ctypes.c_uint64, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_uint8)),
        ("mr_eval", ctypes.c_uint64, (ctypes.c_uint64, _Address, ctypes.c_uint64)),
        ("mr_free_value", None, (ctypes.c_uint64, _Address)),
        ("mr_hard_memory_limit_reached", ctypes.c_bool, (ctypes.c_uint64,)),
    ):
        function = getattr(quick, name)
        function.restype = result
        function.argtypes = arguments
    return quick
