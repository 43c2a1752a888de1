"""A session of the web client: what a person at the screen can do, and no more."""

import requests

TIMEOUT = 600


class ClientError(Exception):
    """The server refused a call; the message is what a person would have read."""

    def __init__(self, message, trace=""):
        super().__init__(message)
        self.trace = trace


class WebClient:
    """Calls public methods of models as the user who logged in."""

    def __init__(self, url, database, login, password):
        self.url = url
        self._session = requests.Session()
        self._post(
            "/web/session/authenticate", db=database, login=login, password=password
        )

    def _post(self, path, **params):
        answer = self._session.post(
            self.url + path, json={"jsonrpc": "2.0", "params": params}, timeout=TIMEOUT
        )
        answer.raise_for_status()
        result = answer.json()
        if "error" in result:
            data = result["error"].get("data", {})
            message = data.get("message") or result["error"].get("message")
            raise ClientError(f"{message} ({path})", data.get("debug", ""))
        return result.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call ``method`` of ``model``; for buttons the first argument is the ids."""
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=list(args),
            kwargs=kwargs,
        )

    def search(self, model, domain, **options):
        return self.call(model, "search", domain, **options)

    def count(self, model, domain=()):
        return self.call(model, "search_count", list(domain))

    def read(self, model, ids, *names):
        return self.call(model, "read", ids, list(names))

    def create(self, model, values):
        return self.call(model, "create", [values])[0]

    def find_or_create(self, model, domain, values):
        """Return the record of ``domain``, made now unless an earlier try made it."""
        found = self.search(model, domain, limit=1)
        return found[0] if found else self.create(model, values)

    def write(self, model, ids, values):
        return self.call(model, "write", ids, values)

    def reference(self, xml_id):
        """Return the id of the record with this external identifier."""
        module, name = xml_id.split(".")
        found = self.call(
            "ir.model.data",
            "search_read",
            [("module", "=", module), ("name", "=", name)],
            ["res_id"],
        )
        if not found:
            raise ClientError(f"There is no record {xml_id}.")
        return found[0]["res_id"]

    def run_scheduled_action(self, xml_id):
        """Press "Run Manually" on a scheduled action."""
        self.call("ir.cron", "method_direct_trigger", [self.reference(xml_id)])
