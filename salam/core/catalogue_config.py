"""How Django's admin is installed: apart from the site itself, which needs all apps to be there."""

from __future__ import annotations

from django.contrib.admin.apps import SimpleAdminConfig


class CatalogueAdminConfig(SimpleAdminConfig):
    """No discovery: the libraries' own tables (e-mail addresses, second factors) stay out."""

    default_site = "salam.core.catalogues.CatalogueSite"
