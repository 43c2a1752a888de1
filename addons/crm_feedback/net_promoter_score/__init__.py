"""The Net Promoter Score, without records."""

from .net_promoter_score import NetPromoterScore, category, net_promoter_score

__all__ = ["NetPromoterScore", "category", "net_promoter_score"]
