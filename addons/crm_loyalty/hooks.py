from odoo.tools import SQL


def post_init_hook(env):
    """Open the ledger with the balance of each card.

    What demo data have booked is in the balance already.
    """
    env["loyalty.card"].flush_model(["points"])
    env.cr.execute(
        SQL(
            """
            INSERT INTO loyalty_points_entry (
                card_id, card_code, program_id, partner_id, company_id, date, kind,
                points, description, key,
                create_uid, write_uid, create_date, write_date)
            SELECT card.id, card.code, card.program_id, card.partner_id,
                   COALESCE(card.company_id, partner.company_id, first_company.id),
                   %(now)s, 'adjustment',
                   round(card.points::numeric, 6) - COALESCE(ledger.points, 0),
                   %(description)s, 'opening:' || card.id,
                   %(user)s, %(user)s, %(now)s, %(now)s
              FROM loyalty_card card
         LEFT JOIN res_partner partner ON partner.id = card.partner_id
        CROSS JOIN (SELECT min(id) AS id FROM res_company) first_company
         LEFT JOIN (SELECT card_id, sum(points) AS points
                      FROM loyalty_points_entry GROUP BY card_id) ledger
                ON ledger.card_id = card.id
             WHERE round(card.points::numeric, 6) <> COALESCE(ledger.points, 0)
            """,
            now=env.cr.now(),
            description=env._("Opening balance"),
            user=env.uid,
        )
    )
