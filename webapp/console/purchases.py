"""Purchases: what is kept of them as pictures, what a person reports, letters to sellers."""

from __future__ import annotations

from pathlib import PurePath

from flask import Response, abort, flash, g, request, send_from_directory, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from config import settings
from reseller import overview, purchasing, seller_contact
from reseller.refusals import Refused
from webapp.console import forms, labels
from webapp.console.blueprint import blueprint
from webapp.i18n import money_text
from webapp.work import now, work


@blueprint.get("/purchases/<int:purchase_id>/screenshots/<name>")
def screenshot(purchase_id: int, name: str) -> Response:
    """What the browser saw: only a picture that this purchase's trail names, from the folder of screenshots."""
    page = overview.purchase(work(), purchase_id) or abort(404)
    if name not in {event.screenshot for event in page.events} or PurePath(name).suffix != ".png":
        abort(404)
    answer = send_from_directory(settings().data_dir / "screenshots", name, mimetype="image/png")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return answer


@blueprint.post("/purchases/<int:purchase_id>/not-ordered")
def mark_not_ordered(purchase_id: int) -> AnyResponse:
    """A person has made sure that the supplier has no such order."""
    why = forms.reason()
    if not why:
        raise Refused("bad_value", "Say how you know.", field="why")
    order = purchasing.mark_not_ordered(work(), purchase_id, who=g.account.email, why=why, now=now())
    work().commit()
    flash(_("Noted: it was not ordered. %(amount)s are free again.", amount=money_text(order.total)), "success")
    return forms.back(url_for("console.purchase", purchase_id=purchase_id))


@blueprint.post("/purchases/<int:purchase_id>/letter")
def prepare_letter(purchase_id: int) -> AnyResponse:
    """A letter to the seller in the language that was chosen."""
    language = request.form.get("language", "")
    seller_contact.prepare(work(), purchase_id, language, who=g.account.email, now=now())
    work().commit()
    flash(_("The letter is ready: copy it and send it yourself."), "success")
    return forms.back(url_for("console.purchase", purchase_id=purchase_id))


@blueprint.post("/purchases/<int:purchase_id>/reply")
def note_reply(purchase_id: int) -> AnyResponse:
    """What the seller said."""
    reply = request.form.get("reply", "")
    price = forms.amount("unit_price") if reply == "accepted" else None
    order = seller_contact.note_reply(
        work(), purchase_id, reply, who=g.account.email, now=now(), unit_price=price, note=forms.reason()
    )
    work().commit()
    flash(_("The purchase is now: %(state)s.", state=labels.label("purchase", order.state)), "success")
    return forms.back(url_for("console.purchase", purchase_id=purchase_id))
