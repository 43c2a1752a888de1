"""Load the products of a log with their categories."""

from .external_ids import external_name

BATCH = 500


def load_products(env, ids, catalogue):
    """Make the products of ``catalogue`` that are new; return the product of each."""
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
    return {code: Product.browse(known[name]) for code, name in names.items()}


def product_values(product, category):
    return {
        "name": product.name,
        "default_code": product.code,
        "type": "service" if product.is_service else "consu",
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
