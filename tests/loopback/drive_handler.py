"""Routes of the loopback Drive: what `files` and `about` answer, and its own `/__` pages."""

from __future__ import annotations

from typing import Any

from tests.loopback.drive_faults import parse_rules
from tests.loopback.drive_http import MESSAGES, SERVICE, UPLOADS
from tests.loopback.drive_query import QueryError, apply_mask, parse_query
from tests.loopback.drive_state import Meta
from tests.loopback.drive_transfer import Transfers

LIST_FIELDS = "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)"
_OF_SERVING = ("", "lost_ack", "truncate", "ignore_range", "corrupt", "delay")


class Handler(Transfers):
    """One connection to the imitation of Drive v3."""

    def serve(self) -> None:
        try:
            self.begin()
            if self.route.startswith("/__"):
                self._serve_tests()
            elif self.fault in _OF_SERVING or (self.fault == "drop" and self.command == "PUT"):
                self._route()
            else:
                self._fail()
        except OSError:  # the client hung up
            self.close_connection = True

    def _fail(self) -> None:
        if self.fault == "drop":
            self.body(int(self.argument or 0))
            self.hang_up()
            return
        self.body()
        reason, _, message = self.argument.partition(":")
        self.refuse(int(self.fault), reason or "backendError", message or MESSAGES.get(reason, ""))

    def _serve_tests(self) -> None:
        if self.route == "/__faults":
            plan = self.json_body()
            self.faults.plan(parse_rules(plan.get("rules", ())), seed=plan.get("seed", 0))
            self.answer(200, {})
        elif self.route == "/__files":
            self.answer(200, self.state.tree())
        elif self.route == "/__requests":
            self.answer(200, self.state.requests)
        else:
            self.answer(404, {})

    def _route(self) -> None:
        if self.command == "PUT":  # the session's address is itself the permission
            self.take_chunk()
        elif not self._is_let_in():
            self.body()
            self.refuse(401, "authError", "Invalid Credentials")
        elif self.route.startswith(UPLOADS + "/files"):
            self._upload(self.route.removeprefix(UPLOADS + "/files").strip("/"))
        elif self.route == SERVICE + "/about":
            self._about()
        elif self.route == SERVICE + "/files":
            self._create() if self.command == "POST" else self._list()
        elif self.route == SERVICE + "/files/generateIds":
            ids = self.state.reserve_ids(int(self.query.get("count", 10)))
            self.answer(200, {"kind": "drive#generatedIds", "space": "drive", "ids": ids})
        else:
            self._one_file(self.route.removeprefix(SERVICE + "/files/"))

    def _is_let_in(self) -> bool:
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.tokens is None or bearer in self.tokens

    def _upload(self, file_id: str) -> None:
        if file_id and file_id not in self.state.files:
            self.body()
            self.refuse(404, "notFound", f"File not found: {file_id}.")
        else:
            self.upload(file_id or None)

    def _about(self) -> None:
        quota = {"limit": str(self.state.quota), "usage": str(self.state.used())}
        about = {"user": {"emailAddress": "someone@example.com"}, "storageQuota": quota}
        self.answer(200, apply_mask(about, self.query.get("fields", "*")))

    def _create(self) -> None:
        meta = self.json_body()
        if self.id_is_free(meta):
            self.answer_file(self.state.create(meta))

    def _list(self) -> None:
        query = self.query.get("q", "")
        try:
            wanted = parse_query(query) if query else lambda file: True
        except QueryError as error:
            self.refuse(400, "invalid", str(error))
            return
        found = [file for file in self.state.listed() if wanted(file)]
        found.sort(key=lambda file: (file["createdTime"], file["id"]), reverse=True)
        start = int(self.query.get("pageToken") or 0)
        end = start + min(int(self.query.get("pageSize") or 100), 1000)
        page: dict[str, Any] = {
            "kind": "drive#fileList",
            "incompleteSearch": False,
            "files": found[start:end],
        }
        if end < len(found):
            page["nextPageToken"] = str(end)
        self.answer(200, apply_mask(page, self.query.get("fields", LIST_FIELDS)))

    def _one_file(self, file_id: str) -> None:
        file = self.state.files.get(self.state.root_id if file_id == "root" else file_id)
        if file is None or self._hides(file):
            self.body()
            self.refuse(404, "notFound", f"File not found: {file_id}.")
        elif self.command == "DELETE":
            self.state.delete(file_id)
            self.answer(204)
        elif self.command == "PATCH":
            self.answer_file(self.state.update(file_id, self.json_body()))
        elif self.query.get("alt") == "media":
            self.download(file)
        else:
            self.answer_file(file)

    def _hides(self, file: Meta) -> bool:
        """Files of Shared Drives exist only for requests that say they support them."""
        return "driveId" in file and self.query.get("supportsAllDrives") != "true"
