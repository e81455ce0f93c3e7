"""Log-in: the mobile number proved by a code, who of its owners it is, the second factor of staff.

django-allauth does the work (docs/decisions/0013-log-in.md); here stand our pages, who is meant
by a phone, and how sessions are kept.
"""
