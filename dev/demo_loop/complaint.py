"""A complaint by e-mail, from the gateway to the follow-up of a bad answer."""

import email.message
import email.utils

from lxml import html

from mail_reader import MailReader

from .settings import MAIL_DOMAIN
from .stage import expect

SUBJECT = "Half of the mugs arrived broken"
TEXT = """Hello,

half of the mugs of my last order arrived broken, and it came a week late.
I am very disappointed. Please tell me what you will do about it.
"""
ANSWER = (
    "We are sorry: the parcel was packed badly. New mugs leave our house today, and "
    "you need not send the broken ones back."
)
LOW_SCORE = "3"
COMMENT = "The new mugs came fast, but it should not have happened."


def receive_complaint(demo):
    """Let the customer's e-mail come in by the mail gateway."""
    client = demo.client
    cases = client.search("crm.case", [("name", "=", SUBJECT)])
    case = cases[0] if cases else send_complaint(client, demo.fact("email"))
    expect(case, "The gateway made no case of the e-mail.")
    check_complaint(client, case, demo.fact("customer"))
    return {"case": case}


def send_complaint(client, address):
    message = email.message.EmailMessage()
    message["From"] = address
    message["To"] = f"complaints@{MAIL_DOMAIN}"
    message["Subject"] = SUBJECT
    message["Date"] = email.utils.localtime()
    message["Message-ID"] = email.utils.make_msgid(domain=MAIL_DOMAIN)
    message.set_content(TEXT)
    return client.call("mail.thread", "message_process", False, message.as_string())


def check_complaint(client, case, customer):
    """Make sure that the case is routed, has a deadline and was acknowledged."""
    [values] = client.read(
        "crm.case",
        [case],
        "case_type",
        "partner_id",
        "team_id",
        "user_id",
        "date_acknowledged",
    )
    expect(values["case_type"] == "complaint", "The case is no complaint.")
    expect(
        values["partner_id"] and values["partner_id"][0] == customer,
        "The case does not know its customer.",
    )
    expect(values["team_id"] and values["user_id"], "The case was not routed.")
    deadlines = [("case_id", "=", case), ("deadline", "!=", False)]
    expect(client.count("crm.sla.status", deadlines), "The case has no SLA deadline.")
    expect(values["date_acknowledged"], "The customer got no acknowledgement.")


def resolve_complaint(demo):
    """Answer the customer, say what went wrong and what he gets, and solve the case."""
    client, case = demo.client, demo.fact("case")
    [values] = client.read("crm.case", [case], "stage_kind")
    if values["stage_kind"] != "solved":
        solve(client, case, demo.fact("customer"), demo.fact("order"))
    client.run_scheduled_action("mail.ir_cron_mail_scheduler_action")
    [values] = client.read("crm.case", [case], "stage_kind", "sla_state")
    expect(values["stage_kind"] == "solved", "The case is not solved.")
    expect(values["sla_state"] == "reached", "The service level was not reached.")
    subjects = [m["Subject"] for m in demo.catcher.messages_to(demo.fact("email"))]
    expect(
        any("How did we do?" in subject for subject in subjects),
        f"The customer was not asked for his opinion, he got only: {subjects}.",
    )
    return {}


def solve(client, case, customer, order):
    client.call("crm.case", "action_start", [case])
    client.call(
        "crm.case",
        "message_post",
        [case],
        body=ANSWER,
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
        partner_ids=[customer],
    )
    decision = {
        "root_cause_id": client.reference("crm_feedback.crm_root_cause_carrier"),
        "resolution_id": client.reference(
            "crm_feedback.crm_case_resolution_replacement"
        ),
        "sale_order_id": order,
    }
    client.write("crm.case", [case], decision)
    client.call("crm.case", "action_solve", [case])


def answer_survey(demo):
    """Answer the survey as the customer, badly, and see that somebody is to call."""
    client = demo.client
    invitation = [
        message
        for message in demo.catcher.messages_to(demo.fact("email"))
        if "How did we do?" in message["Subject"]
    ][-1]
    if not client.count("crm.feedback", [("case_id", "=", demo.fact("case"))]):
        fill_in_survey(MailReader(), invitation)
    answers = client.call(
        "crm.feedback",
        "search_read",
        [("case_id", "=", demo.fact("case"))],
        ["score", "category", "follow_up_ids"],
    )
    expect(answers, "The answer is not there.")
    [answer] = answers
    expect(answer["category"] == "detractor", "The low score made no detractor.")
    expect(answer["follow_up_ids"], "The detractor's answer opened no follow-up.")
    return {"feedback": answer["id"], "follow_up": answer["follow_up_ids"][0]}


def fill_in_survey(reader, invitation):
    """Start the survey of ``invitation`` and send it with a low score."""
    page = reader.follow_link(invitation, "Answer now")
    # The page's script begins the survey and sends the answers by these addresses.
    path = page.base_url.split("/survey/")[1].split("?")[0]
    server = page.base_url.split("/survey/")[0]
    started = reader.call(f"{server}/survey/begin/{path}")
    questions = html.fragment_fromstring(started[1]["survey_content"], True)
    [score] = set(questions.xpath("//input[@type='radio']/@name"))
    [comment] = questions.xpath("//textarea[contains(@class, 'o_survey')]/@name")
    result = reader.call(
        f"{server}/survey/submit/{path}", **{score: LOW_SCORE, comment: COMMENT}
    )
    expect("error" not in result[1], f"The survey did not take the answer: {result}.")
