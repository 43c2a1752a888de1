"""Leads, cases, answers and points for the customers of :mod:`volume`, by SQL.

One lead per customer, of which one in six is open; a case for one in five; points for
every third order. Each customer belongs to one of fifty salespersons.
"""

from volume import MARK, settle, trust_references

from odoo.fields import Domain
from odoo.tools import SQL

SELLERS = 50
SOURCES = 8
CAMPAIGNS = 20


def fill(env):
    """Make the documents of those who sell to, serve and reward the customers."""
    sellers = env["res.users"].create(
        [
            {
                "name": f"Seller {number}",
                "login": f"bench_seller_{number}",
                "group_ids": [
                    (4, env.ref("sales_team.group_sale_salesman").id),
                    (4, env.ref("crm_lifecycle.crm_lifecycle_group_user").id),
                ],
            }
            for number in range(SELLERS)
        ]
    )
    names = prepare_names(env, sellers)
    env.flush_all()
    trust_references(env, True)
    for statement, tables in (
        (GIVEN_TO_SELLERS, ("res_partner", "crm_customer_profile")),
        (ORDERS_OF_SELLERS, ("sale_order",)),
        (LEADS, ("crm_lead",)),
        (ORDERS_OF_LEADS, ("sale_order",)),
        (MESSAGES, ("mail_message",)),
        (CHANGES, ("mail_tracking_value",)),
        (CASES, ("crm_case",)),
        (PROMISES, ("crm_sla_status",)),
        (ANSWERS, ("crm_feedback",)),
        (CARDS, ("loyalty_card",)),
        (POINTS, ("loyalty_points_entry",)),
    ):
        env.cr.execute(SQL(statement, **names))  # pylint: disable=sql-injection
        settle(env, *tables)
    trust_references(env, False)
    env.ref("crm_lifecycle.crm_customer_event_type_lead_created")._insert_events(
        Domain.TRUE
    )
    settle(env, "crm_customer_event")


def prepare_names(env, sellers):
    """Return the ids that the statements name."""
    company = env.company
    stages = env["crm.stage"].search([("is_won", "=", False)])
    return {
        "mark": f"{MARK} %",
        "company": company.id,
        "sellers": sellers.ids,
        "seller_count": len(sellers),
        "stages": stages.ids,
        "stage_count": len(stages),
        "won": env["crm.stage"].search([("is_won", "=", True)], limit=1).id,
        "sources": env["utm.source"]
        .create([{"name": f"{MARK} {number}"} for number in range(SOURCES)])
        .ids,
        "source_count": SOURCES,
        "campaigns": env["utm.campaign"]
        .create([{"title": f"{MARK} {number}"} for number in range(CAMPAIGNS)])
        .ids,
        "campaign_count": CAMPAIGNS,
        "reasons": env["crm.lost.reason"].with_context(active_test=False).search([]).ids
        or [None],
        "amount": env["ir.model.fields"]._get("crm.lead", "expected_revenue").id,
        "policy": env["crm.sla.policy"]
        .create({"name": MARK, "resolution_hours": 40})
        .id,
        "stage": env["crm.case.stage"]._get_first().id,
        "category": env["crm.case.category"].search([], limit=1).id or None,
        "program": env["loyalty.program"]
        .create(
            {
                "name": MARK,
                "program_type": "loyalty",
                "applies_on": "both",
                "trigger": "auto",
            }
        )
        .id,
    }


GIVEN_TO_SELLERS = """
    UPDATE res_partner SET user_id = (%(sellers)s::int[])[1 + id %% %(seller_count)s]
     WHERE name LIKE %(mark)s AND user_id IS NULL;
    UPDATE crm_customer_profile profile SET user_id = partner.user_id
      FROM res_partner partner
     WHERE partner.id = profile.partner_id
       AND profile.user_id IS DISTINCT FROM partner.user_id
"""
ORDERS_OF_SELLERS = """
    UPDATE sale_order SET user_id = partner.user_id,
           campaign_id = CASE WHEN sale_order.id %% 10 = 0 THEN
               (%(campaigns)s::int[])[1 + sale_order.id / 10 %% %(campaign_count)s] END
      FROM res_partner partner
     WHERE partner.id = sale_order.partner_id AND partner.name LIKE %(mark)s
       AND sale_order.user_id IS NULL
"""
LEADS = """
    INSERT INTO crm_lead (name, type, active, partner_id, user_id, company_id, stage_id,
           source_id, campaign_id, expected_revenue, prorated_revenue, probability,
           won_status,
           lost_reason_id, date_closed, date_open, date_last_stage_update,
           create_date, write_date, create_uid, write_uid)
    SELECT 'Lead ' || id, 'opportunity', status <> 'lost', id, user_id, %(company)s,
           CASE status WHEN 'won' THEN %(won)s
                ELSE (%(stages)s::int[])[1 + id %% %(stage_count)s] END,
           (%(sources)s::int[])[1 + id %% %(source_count)s],
           (%(campaigns)s::int[])[1 + id / 7 %% %(campaign_count)s], amount,
           CASE status WHEN 'won' THEN amount WHEN 'lost' THEN 0 ELSE amount / 4 END,
           CASE status WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 25 END, status,
           CASE status WHEN 'lost' THEN
                (%(reasons)s::int[])[1 + id %% cardinality(%(reasons)s::int[])] END,
           CASE WHEN status <> 'pending'
                THEN LEAST(begun + make_interval(days => 3 + id %% 60), now()) END,
           begun, begun, begun, begun, 1, 1
      FROM (SELECT id, user_id, 100 + id %% 5000 AS amount,
                   now() - make_interval(mins => (id::bigint * 7919 %% 1500000)::int)
                       AS begun,
                   CASE WHEN id %% 6 = 0 THEN 'pending' WHEN id %% 3 = 1 THEN 'won'
                        ELSE 'lost' END AS status
              FROM res_partner WHERE name LIKE %(mark)s) customer
"""
# Every won opportunity was quoted: the first order of its customer.
ORDERS_OF_LEADS = """
    UPDATE sale_order SET opportunity_id = lead.id
      FROM crm_lead lead
     WHERE lead.won_status = 'won' AND sale_order.partner_id = lead.partner_id
       AND sale_order.name = 'V' || lead.partner_id || '/0'
"""
MESSAGES = """
    INSERT INTO mail_message (model, res_id, message_type, date, create_date,
           write_date, create_uid, write_uid)
    SELECT 'crm.lead', id, 'notification', create_date + interval '2 d', create_date,
           create_date, 1, 1
      FROM crm_lead WHERE name LIKE 'Lead %%' AND id %% 3 = 0
       AND create_date < now() - interval '2 d'
"""
CHANGES = """
    INSERT INTO mail_tracking_value (mail_message_id, field_id, old_value_float,
           new_value_float, create_date, write_date, create_uid, write_uid)
    SELECT message.id, %(amount)s, lead.expected_revenue * 0.8, lead.expected_revenue,
           message.date, message.date, 1, 1
      FROM mail_message message JOIN crm_lead lead ON lead.id = message.res_id
     WHERE message.model = 'crm.lead' AND lead.name LIKE 'Lead %%'
"""
CASES = """
    INSERT INTO crm_case (name, number, active, case_type, company_id, channel,
           stage_id, stage_kind, severity, category_id, partner_id, date_received,
           routing_priority, create_uid, write_uid, create_date, write_date)
    SELECT 'Case', 'V' || id, true,
           (ARRAY['complaint', 'question', 'incident'])[1 + id %% 3], %(company)s,
           (ARRAY['email', 'phone', 'portal', 'website'])[1 + id %% 4], %(stage)s,
           CASE WHEN id %% 25 = 0 THEN 'open' ELSE 'closed' END, '1', %(category)s, id,
           begun, 0, 1, 1, begun, begun
      FROM (SELECT id, now() - make_interval(mins => (id::bigint * 104729
                                                      %% 1500000)::int) AS begun
              FROM res_partner WHERE name LIKE %(mark)s AND id %% 5 = 0) customer
"""
PROMISES = """
    INSERT INTO crm_sla_status (case_id, policy_id, company_id, target, hours,
           date_start, deadline, state, create_uid, create_date)
    SELECT id, %(policy)s, company_id, 'resolution', 40, create_date,
           create_date + interval '7 d',
           CASE WHEN id %% 10 = 0 THEN 'failed' ELSE 'reached' END, 1, create_date
      FROM crm_case WHERE number LIKE 'V%%'
"""
ANSWERS = """
    INSERT INTO crm_feedback (company_id, source, scale, score, category, nps_points,
           partner_id, commercial_partner_id, date, create_uid, create_date)
    SELECT company_id, 'survey', 'nps', id %% 11,
           CASE WHEN id %% 11 > 8 THEN 'promoter' WHEN id %% 11 > 6 THEN 'passive'
                ELSE 'detractor' END,
           CASE WHEN id %% 11 > 8 THEN 100 WHEN id %% 11 > 6 THEN 0 ELSE -100 END,
           partner_id, partner_id, create_date, 1, create_date
      FROM crm_case WHERE number LIKE 'V%%'
"""
CARDS = """
    INSERT INTO loyalty_card (code, program_id, partner_id, company_id, points, active,
           create_uid, create_date)
    SELECT 'V' || id, %(program)s, id, %(company)s, id %% 500, true, 1, now()
      FROM res_partner WHERE name LIKE %(mark)s
"""
POINTS = """
    INSERT INTO loyalty_points_entry (card_id, card_code, program_id, partner_id,
           company_id, date, kind, points, key, create_uid, create_date)
    SELECT card.id, card.code, card.program_id, card.partner_id, %(company)s,
           so.date_order, CASE WHEN so.id %% 4 = 0 THEN 'spend' ELSE 'award' END,
           CASE WHEN so.id %% 4 = 0 THEN -5 ELSE 10 END, 'V' || so.id, 1, so.date_order
      FROM sale_order so JOIN loyalty_card card ON card.code = 'V' || so.partner_id
     WHERE so.name LIKE 'V%%/%%' AND so.id %% 3 = 0
"""
