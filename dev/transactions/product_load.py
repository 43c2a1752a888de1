"""Load the products of a log with their categories."""

from typing import NamedTuple

from .external_ids import external_name

BATCH = 500


class LoadedProduct(NamedTuple):
    """What the lines need of a product, read once: records forget between batches."""

    id: int
    name: str
    uom_id: int


def load_products(env, ids, catalogue):
    """Make the products of ``catalogue`` that are new; return all by their code."""
    known = ids.known("product.product", "product")
    names = {code: external_name("product", code) for code in catalogue}
    new = [code for code in catalogue if names[code] not in known]
    categories = load_categories(env, ids, {catalogue[code].category for code in new})
    Product = env["product.product"]
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        products = Product.create(
            [
                product_values(catalogue[code], categories[catalogue[code].category])
                for code in batch
            ]
        )
        batch_names = [names[code] for code in batch]
        ids.record(batch_names, products)
        known.update(zip(batch_names, products.ids, strict=True))
        env.cr.commit()
    products = Product.browse([known[name] for name in names.values()])
    return {
        code: LoadedProduct(product.id, product.name, product.uom_id.id)
        for code, product in zip(names, products, strict=True)
    }


def product_values(product, category):
    return {
        "name": product.name,
        "default_code": product.code,
        "type": "service" if product.is_service else "consu",
        # Postage, fees, corrections: on documents, but nothing to offer.
        "sale_ok": not product.is_service,
        "categ_id": category.id,
        "list_price": product.price,
        "invoice_policy": "order",
        # A log of prices says nothing about taxes: its documents carry none.
        "taxes_id": [],
        "supplier_taxes_id": [],
    }


def load_categories(env, ids, category_names):
    """Make the categories that are new; return the category of each name."""
    Category = env["product.category"]
    known = ids.known("product.category", "category")
    names = {name: external_name("category", name) for name in sorted(category_names)}
    new = [name for name in names if names[name] not in known]
    categories = Category.create([{"name": name} for name in new])
    ids.record([names[name] for name in new], categories)
    known.update(zip([names[name] for name in new], categories.ids, strict=True))
    return {name: Category.browse(known[key]) for name, key in names.items()}
