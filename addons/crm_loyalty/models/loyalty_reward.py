from odoo import models


class LoyaltyReward(models.Model):
    _inherit = "loyalty.reward"

    def _get_churn_cost(self, basket, points):
        """Return what the reward takes off, in the currency of the program.

        :param float basket: what the customer usually spends
        :param float points: given to him; of a reward that asks for more, that part
        """
        self.ensure_one()
        if self.reward_type == "product":
            prices = self.reward_product_ids.mapped("lst_price")
            cost = max(prices, default=0) * self.reward_product_qty
        elif self.reward_type != "discount":
            return 0
        elif self.discount_mode == "percent":
            cost = basket * self.discount / 100
            if self.discount_max_amount:
                cost = min(cost, self.discount_max_amount)
        elif self.discount_mode == "per_point":
            return self.discount * points
        else:
            cost = self.discount
        return cost * points / self.required_points
