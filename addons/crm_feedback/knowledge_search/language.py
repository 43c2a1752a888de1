"""The text search configuration of PostgreSQL for a language of Odoo."""

CONFIGURATIONS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


def get_configuration(lang):
    """Return the configuration for a code such as ``de_AT``.

    Languages without word stems of their own are searched word by word.
    """
    return CONFIGURATIONS.get((lang or "").split("_")[0].lower(), "simple")
