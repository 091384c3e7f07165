"""A batch with progress from Python, by ctypes and nothing else.

    DOMAINDESK_SYNC=/usr/local/lib/libdomaindesk_sync.so python3 batch.py CONFIG.json [DOMAIN ...]

Without domains those that need a sync are synced. The job's descriptor is watched with select(), so that the same would
do in an event loop (asyncio: loop.add_reader(fd, ...)).
"""

import ctypes
import json
import os
import select
import sys


class SyncError(Exception):
    """A call failed: `kind` is a word such as "config" or "store"."""

    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Library:
    """The functions, as the header declares them."""

    def __init__(self, path):
        pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32
        place = ctypes.POINTER(pointer)
        self.c = ctypes.CDLL(path)
        for name, result, arguments in [
            ("dds_abi_version", ctypes.c_uint32, []),
            ("dds_sync_new", number, [text, place, place]),
            ("dds_sync_free", None, [pointer]),
            ("dds_job_sync_domains", number, [pointer, ctypes.POINTER(text), ctypes.c_size_t, pointer, number, place, place]),
            ("dds_job_fd", number, [pointer]),
            ("dds_job_poll", number, [pointer, number, ctypes.POINTER(number), place]),
            ("dds_job_next_event", number, [pointer, place, place]),
            ("dds_job_result", number, [pointer, place, place]),
            ("dds_job_cancel", None, [pointer]),
            ("dds_job_free", None, [pointer]),
            ("dds_string_free", None, [pointer]),
            ("dds_error_kind", text, [pointer]),
            ("dds_error_message", text, [pointer]),
            ("dds_error_free", None, [pointer]),
        ]:
            function = getattr(self.c, name)
            function.restype, function.argtypes = result, arguments
        if self.c.dds_abi_version() != 0:
            raise SyncError("config", "this example is written for version 0 of the library's interface")

    def call(self, name, *arguments):
        """Calls a function whose last argument is the place for an error."""
        error = ctypes.c_void_p()
        if getattr(self.c, name)(*arguments, ctypes.byref(error)) != 0:
            kind, message = self.c.dds_error_kind(error).decode(), self.c.dds_error_message(error).decode()
            self.c.dds_error_free(error)
            raise SyncError(kind, message)

    def taken(self, text):
        """A JSON text that the library handed out, as a value; None for NULL."""
        if not text:
            return None
        value = json.loads(ctypes.string_at(text))
        self.c.dds_string_free(text)
        return value


class Sync:
    """A database and its registrars."""

    def __init__(self, library, config):
        self.library, self.handle = library, ctypes.c_void_p()
        library.call("dds_sync_new", json.dumps(config).encode(), ctypes.byref(self.handle))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.c.dds_sync_free(self.handle)

    def sync_domains(self, domains, progress):
        """Syncs domains, or those that need it; `progress` gets each event. Ctrl-C stops in good order."""
        library, job = self.library, ctypes.c_void_p()
        names = (ctypes.c_char_p * len(domains))(*[name.encode() for name in domains]) if domains else None
        library.call("dds_job_sync_domains", self.handle, names, len(domains), None, 1, ctypes.byref(job))
        try:
            state = ctypes.c_int32(0)
            while state.value != 2:
                try:
                    select.select([library.c.dds_job_fd(job)], [], [])
                except KeyboardInterrupt:
                    library.c.dds_job_cancel(job)
                event = ctypes.c_void_p()
                library.call("dds_job_next_event", job, ctypes.byref(event))
                if event:
                    progress(library.taken(event))
                library.call("dds_job_poll", job, 0, ctypes.byref(state))
            result = ctypes.c_void_p()
            library.call("dds_job_result", job, ctypes.byref(result))
            return library.taken(result)
        finally:
            library.c.dds_job_free(job)


def main():
    library = Library(os.environ.get("DOMAINDESK_SYNC", "libdomaindesk_sync.so.0"))
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)

    def progress(event):
        print(f"{event['done']}/{event['total']} {event['domain']['name']}", file=sys.stderr)

    with Sync(library, config) as sync:
        print(json.dumps(sync.sync_domains(sys.argv[2:], progress)["stats"]))


if __name__ == "__main__":
    try:
        main()
    except SyncError as error:
        sys.exit(str(error))
