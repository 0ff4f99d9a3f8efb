"""The shop's account, cart and checkout: sign in, cart, address, cash on delivery, order number, history."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from demo import delivery, jumia_data
from demo.customers import ACCOUNTS, MOST_UNITS, Address, Visit, WebOrder
from demo.devices import device
from demo.market import Display, Market

COOKIE = "demo_visit"
PHONE = re.compile(r"0[5-7]\d{8}")


class SoldOut(Exception):
    """A line of the cart cannot be had in this quantity any more."""


def blueprint(market: Market) -> Blueprint:
    """The routes of those who buy."""
    routes = Blueprint("checkout", __name__)
    customers = market.customers

    def visit() -> Visit:
        return customers.visit(request.cookies.get(COOKIE))

    def show(name: str, of: Visit, status: int = 200, **values: Any) -> AnyResponse:
        state = {
            "view": name.capitalize(),
            "countryCode": "DZ",
            "user": {"isGuest": of.account is None},
            "cart": {"count": sum(customers.cart(of).values())},
        }
        frame = {"origin": request.host_url.rstrip("/"), "today": g.moment.now.date(), "visit": of}
        names = {
            "state_name": "__STORE__" if device() == "desktop" else "__INITIAL_STATE__",
            "frame_of": "jumia/base.html" if device() == "desktop" else "jumia/mobile_base.html",
            "wilayas": delivery.WILAYAS,
        }
        page = render_template(f"jumia/{name}.html", store=jumia_data.script(state), **names, **frame, **values)
        answer = make_response(page, status)
        answer.set_cookie(COOKIE, of.token, httponly=True, samesite="Lax")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def signed_in() -> Visit:
        of = visit()
        if of.account is None:
            abort(redirect(f"/customer/account/login/?return={request.path}"))
        if request.method == "POST" and request.form.get("csrfToken") != of.csrf:
            abort(400)
        return of

    def lines(of: Visit) -> list[tuple[Display, int]]:
        found = ((market.by_sku(g.moment, sku), quantity) for sku, quantity in customers.cart(of).items())
        return [(display, quantity) for display, quantity in found if display is not None]

    @routes.get("/customer/account/login/")
    def login() -> AnyResponse:
        return show("login", visit(), back=_inside(request.args.get("return", "")), problem="")

    @routes.post("/customer/account/login/")
    def sign_in() -> AnyResponse:
        of, back = visit(), _inside(request.form.get("return", ""))
        known = customers.sign_in(of, request.form.get("email", ""), request.form.get("password", ""))
        if request.form.get("csrfToken") != of.csrf or known is None:
            return show("login", of, 401, back=back, problem="L'adresse e-mail ou le mot de passe est incorrect.")
        return redirect(back, 303)

    @routes.post("/customer/account/logout/")
    def sign_out() -> AnyResponse:
        customers.sign_out(signed_in())
        return redirect("/", 303)

    @routes.get("/customer/account/index/")
    def account() -> AnyResponse:
        return redirect("/customer/order/index/" if signed_in().account in ACCOUNTS else "/", 302)

    @routes.get("/cart/")
    def cart() -> AnyResponse:
        of = visit()
        return show("cart", of, lines=lines(of), most=MOST_UNITS, problem="")

    @routes.post("/cart/products/<simple>/quantity/")
    @routes.post("/cart/xhr/products/<simple>/quantity/", endpoint="change_quickly")
    def change(simple: str) -> AnyResponse:
        """`action`: `in` adds a unit, `out` takes the line out, `set` with `quantity` says how many."""
        of = visit()
        if request.form.get("csrfToken", of.csrf) != of.csrf:
            abort(400)
        sku = simple.rpartition("-")[0]
        display = market.by_sku(g.moment, sku) or abort(404)
        before = customers.cart(of).get(sku, 0)
        action, wanted = request.form.get("action", "in"), request.form.get("quantity", 1, type=int) or 0
        after = {"in": before + 1, "out": 0, "set": max(0, wanted)}.get(action, before)
        problem = f"Il ne reste que {display.stock} unité(s) de cet article." if after > display.stock else ""
        customers.put(of, sku, min(after, display.stock))
        if not problem:
            answer = redirect("/cart/", 303)
            answer.set_cookie(COOKIE, of.token, httponly=True, samesite="Lax")
            return answer
        return show("cart", of, 409, lines=lines(of), most=MOST_UNITS, problem=problem)

    @routes.get("/checkout/address/")
    def address() -> AnyResponse:
        of = signed_in()
        return show("address", of, known=customers.address(of.account or ""), problem="")

    @routes.post("/checkout/address/")
    def set_address() -> AnyResponse:
        of = signed_in()
        given = {name: request.form.get(name, "").strip() for name in ("name", "phone", "commune", "street")}
        wilaya = request.form.get("wilaya", 0, type=int)
        to = Address(wilaya=wilaya, **given)
        if wilaya not in delivery.WILAYAS or not all(given.values()) or not PHONE.fullmatch(given["phone"]):
            return show("address", of, 422, known=to, problem="Veuillez vérifier votre adresse et votre téléphone.")
        customers.move(of.account or "", to)
        return redirect("/checkout/summary/", 303)

    @routes.get("/checkout/summary/")
    def summary() -> AnyResponse:
        of = signed_in()
        to, chosen = customers.address(of.account or ""), lines(of)
        if not chosen:
            return redirect("/cart/", 302)
        if to is None:
            return redirect("/checkout/address/", 302)
        items = sum(display.shelf.price * quantity for display, quantity in chosen)
        return show("summary", of, lines=chosen, to=to, items=items, fee=delivery.fee(to.wilaya))

    @routes.post("/checkout/place-order/")
    def place() -> AnyResponse:
        """Orders what lies in the cart; the cart stays until the confirmation is seen, as does what it may order."""
        of = signed_in()
        account = of.account or ""
        to, chosen = customers.address(account), customers.cart(of)
        if to is None or not chosen or request.form.get("payment") != "cash_on_delivery":
            return redirect("/checkout/summary/", 303)

        def quote(sku: str, quantity: int) -> int:
            display = market.by_sku(market.moment(), sku)
            if display is None or display.stock < quantity:
                raise SoldOut(sku)
            return display.shelf.price

        try:
            order = customers.order(account, chosen, to, delivery.fee(to.wilaya), market.clock.now(), quote)
        except SoldOut:
            problem = "Un article de votre panier n'est plus disponible dans cette quantité."
            return show("cart", of, 409, lines=lines(of), most=MOST_UNITS, problem=problem)
        return redirect(f"/checkout/success/{order.number}/", 303)

    def own(of: Visit, number: str) -> WebOrder:
        found = customers.history(of.account or "")
        return next((order for order in found if order.number == number), None) or abort(404)

    @routes.get("/checkout/success/<number>/")
    def success(number: str) -> AnyResponse:
        of = signed_in()
        order = own(of, number)
        customers.empty(of)
        return show("success", of, order=order)

    @routes.get("/customer/order/index/")
    def history() -> AnyResponse:
        of = signed_in()
        return show("orders", of, orders=customers.history(of.account or ""), now=g.moment.now)

    @routes.get("/customer/order/<number>/")
    def order(number: str) -> AnyResponse:
        of = signed_in()
        return show("order", of, order=own(of, number), now=g.moment.now, product_of=market.product_of)

    @routes.post("/customer/order/<number>/cancel/")
    def cancel(number: str) -> AnyResponse:
        """A parcel that has arrived cannot be cancelled."""
        of = signed_in()
        if not customers.cancel(own(of, number), market.clock.now()):
            return show("order", of, 409, order=own(of, number), now=g.moment.now, product_of=market.product_of)
        return redirect(f"/customer/order/{number}/", 303)

    return routes


def _inside(address: str) -> str:
    """An address of this shop, the cart for every other."""
    return address if re.fullmatch(r"/(?!/)[\w/.?=&%-]*", address) else "/cart/"
