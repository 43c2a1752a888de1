"""Write the cases of a log into a database, batch by batch."""

from html import escape

from transactions.external_ids import external_name

# What a case is when it comes; what became of it follows by SQL.
HISTORY = (
    "date_acknowledged",
    "date_responded",
    "date_closed",
    "stage_id",
    "stage_kind",
    "resolution_note",
    "answer_count",
    "user_id",
)


class CaseLoad:
    """Loads cases of one log into one company; what is there already is left alone."""

    def __init__(self, env, log_name, ids):
        self.env = env
        self.log_name = log_name
        self.ids = ids
        self.categories = {}
        self.partners = {}
        self.agents = {}
        self.stages = {
            kind: env["crm.case.stage"]._get_first(False, kind)
            for kind in ("open", "waiting", "solved")
        }

    def load(self, rows):
        """Load a batch, and set its clocks; the caller commits."""
        cases = self.env["crm.case"].create([self._prepare(row) for row in rows])
        self.ids.record([external_name("case", row.key) for row in rows], cases)
        self.env.flush_all()
        self._write_history(cases, rows)
        self._write_pauses(cases, rows)
        self.env.invalidate_all()
        undated = cases.filtered(
            lambda case: case.stage_kind == "solved" and not case.date_closed
        )
        # Nobody knows when they were answered: no promise can be judged.
        undated.sla_status_ids.unlink()
        undated.write({"sla_policy_id": False, "sla_policy_note": False})
        (cases - undated)._start_service_levels()
        solved = cases.filtered(lambda case: case.date_closed and case.partner_id)
        self.env["crm.customer.event.type"]._capture("case_solved", solved)
        self.env.flush_all()
        return cases

    def _prepare(self, row):
        return {
            "name": row.name[:200],
            "case_type": row.case_type,
            "channel": row.channel,
            "date_received": row.received,
            "description": f"<p>{escape(row.text)}</p>" if row.text else False,
            "category_id": self._get_category(row.categories),
            "partner_id": row.customer and self._get_partner(row.customer),
            "user_id": row.agent and self._get_agent(row.agent),
            "company_id": self.env.company.id,
        }

    # ------------------------------------------------------------
    # What cases refer to
    # ------------------------------------------------------------

    def _get_category(self, names):
        parent = False
        for depth in range(1, len(names) + 1):
            path = names[:depth]
            if path not in self.categories:
                domain = [("name", "=", path[-1]), ("parent_id", "=", parent)]
                values = {"name": path[-1], "parent_id": parent}
                self.categories[path] = self._find("crm.case.category", domain, values)
            parent = self.categories[path]
        return parent

    def _get_partner(self, name):
        if name not in self.partners:
            name_here = f"Customer {name} of the {self.log_name} log"
            self.partners[name] = self._find(
                "res.partner",
                [("name", "=", name_here)],
                {"name": name_here, "is_company": True},
            )
        return self.partners[name]

    def _get_agent(self, name):
        if name not in self.agents:
            login = f"{self.log_name}-{name.lower().replace(' ', '-')}"
            group = self.env.ref("crm_feedback.crm_feedback_group_user")
            values = {
                "name": f"Agent {name}",
                "login": login,
                "group_ids": [(4, group.id)],
            }
            self.agents[name] = self._find("res.users", [("login", "=", login)], values)
        return self.agents[name]

    def _find(self, model, domain, values):
        records = self.env[model].with_context(no_reset_password=True)
        return (records.search(domain, limit=1) or records.create(values)).id

    # ------------------------------------------------------------
    # History
    # ------------------------------------------------------------

    def _write_history(self, cases, rows):
        """Write what became of the cases: moves would be dated today."""
        values = [
            (case.id, *self._prepare_history(case, row))
            for case, row in zip(cases, rows, strict=True)
        ]
        columns = ", ".join(f"{name} = v.{name}" for name in HISTORY)
        self.env.cr.execute_values(
            f"UPDATE crm_case k SET {columns} FROM (VALUES %s) AS v"
            f"(id, {', '.join(HISTORY)}) WHERE k.id = v.id",
            values,
            template="(%s, %s::timestamp, %s::timestamp, %s::timestamp, %s, %s, %s, %s,"
            " %s::int)",
        )

    def _prepare_history(self, case, row):
        kind = "solved" if row.is_solved else "open"
        if not row.is_solved and row.waits and row.waits[-1][1] is None:
            kind = "waiting"
        return (
            row.acknowledged,
            row.responded,
            row.closed,
            self.stages[kind].id,
            kind,
            self._get_note(row),
            len(row.waits) + row.is_solved,
            case.user_id.id or None,
        )

    def _get_note(self, row):
        judged = {True: "in time", False: "too late", None: ""}[row.timely]
        return "; ".join(part for part in (row.note, judged) if part) or None

    def _write_pauses(self, cases, rows):
        """Write when each clock stood still: waiting, and after the solution."""
        values = []
        for case, row in zip(cases, rows, strict=True):
            waits = [
                wait for wait in row.waits if not row.closed or wait[0] < row.closed
            ]
            values += [(case.id, case.company_id.id, *wait) for wait in waits]
            if row.closed:
                # As a move would: the clock of a closed case stands still.
                values.append((case.id, case.company_id.id, row.closed, None))
        if values:
            self.env.cr.execute_values(
                "INSERT INTO crm_case_pause (case_id, company_id, date_from, date_to,"
                " create_date, create_uid) VALUES %s",
                values,
                template="(%s, %s, %s::timestamp, %s::timestamp, now(), 1)",
            )
