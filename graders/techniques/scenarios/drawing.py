"""Draws the scenario of a whole night from a seed: what happens to a shop, each thing where it can happen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from graders.techniques.scenarios.events import (
    Accident,
    Copy,
    Damage,
    Deletion,
    Event,
    Events,
    Lines,
    Login,
    MigrationStep,
    Order,
    PowerCuts,
    Rush,
    Search,
    resend,
)
from graders.techniques.scenarios.shop import Shop

BUYERS = ("Ada", "Ben", "Cem", "Dee", "Eve", "Fay", "Gil", "Hal")
TURNS = 16
MOST = 3
HONEST_WORDS = ("O'Neill", "100%", "_", "\\", "反射", "e", "")
HOSTILE_WORDS = (
    "' OR 1 = 1 --",
    "zzz%' UNION SELECT customer_id, password_hash, 0 FROM customers --",
    "zzz' UNION SELECT customer_id, password_hash, 0 FROM customers --",
)
DAMAGES: tuple[Damage, ...] = ("half", "page")
ACCIDENTS = ("DELETE FROM order_lines", "UPDATE products SET price_cents = 0", "DELETE FROM payments")


def _like(key: str) -> tuple[str, str]:
    """Keys that are nearly `key`."""
    return key.upper(), f"{key} "


def draw_scenario(shop: Shop, seed: int) -> Events:
    """A whole night of `shop`: eight buyers, retries, power cuts, strangers, an accident, a migration in the middle.

    What the shop cannot do is left out. The same seed gives the same night.
    """
    return tuple(_Drawing(shop, random.Random(f"{seed} scenario")).night())


class _Drawing:
    def __init__(self, shop: Shop, rng: random.Random):
        self.shop, self.rng = shop, rng
        self.left = {row[0]: row[3] for row in shop.data["products"]}
        # What the buyers of the migration ask for, and nobody before them.
        self.kept = sorted(self.left, key=lambda product: -self.left[product])[:2] if shop.plan else []
        self.customers = [row[0] for row in shop.data["customers"] if row[4] is None]
        owners = [row[1] for row in shop.data["orders"]]
        self.leavers = sorted(self.customers, key=owners.count)[-2:]
        self.customers = [customer for customer in self.customers if customer not in self.leavers]
        self.orders = 0

    def night(self) -> Iterator[Event]:
        yield from self._visits()
        if self.shop.takes_orders():
            yield from self._evening()
        yield from self._incident()
        if self.shop.takes_orders():
            yield from self._crowds()
        if "delete_customer" in self.shop.functions:
            for leaver in self.leavers:
                yield Deletion(leaver)
                yield from self._visits_of(leaver)
        for number in range(len(self.shop.plan)):
            yield MigrationStep(number)
            for version, (buyer, product) in enumerate(zip(BUYERS, self.kept, strict=False), start=1):
                yield Rush((replace(self._order(buyer, 1, version=version), lines=((product, 1),)),))
        if self.shop.takes_orders():
            yield self._crowd(3)

    def _visits(self) -> Iterator[Event]:
        if "search" in self.shop.functions:
            yield from (Search(text) for text in HONEST_WORDS)
            yield from (Search(text, is_hostile=True) for text in HOSTILE_WORDS)
        if "login" in self.shop.functions:
            for email, (password, customer) in self.shop.passwords.items():
                yield Login(email, password, customer)
            email, (password, customer) = next(iter(self.shop.passwords.items()))
            yield Login(email, password + "x", None)
            yield Login("nobody@example.com", password, None)
            yield Login(f"{email}' --", "x", None, is_hostile=True)
            yield Login("' OR 1 = 1 --", password, None, is_hostile=True)
            yield Login("%", password, None, is_hostile=True)
            yield Login("_" + email[1:], password, None, is_hostile=True)
            yield Login(email.upper(), password, None)

    def _visits_of(self, customer: int) -> Iterator[Event]:
        if "login" in self.shop.functions:
            yield from (
                Login(email, password, None)
                for email, (password, who) in self.shop.passwords.items()
                if who == customer
            )

    def _evening(self) -> Iterator[Event]:
        """An order, the same request sent again, one that is cut off, one for what is not there, and one for all."""
        order = self._order("Ada", 2)
        yield Rush((order,))
        yield Rush((resend(order, "Ada"),)) if "place_order" in self.shop.functions else Rush((self._order("Ben", 1),))
        if "place_order" in self.shop.functions:
            yield PowerCuts(self._order("Cem", 2))
            yield from self._orders_of_each("Gil")
        yield Rush((self._order("Dee", 1, pieces=1000),))
        yield Rush((self._mixed_order(),))
        if "place_order" in self.shop.functions:
            last = self._last_pieces("Fay")
            yield Rush((last,))
            yield Rush((resend(last, "Fay"),))

    def _orders_of_each(self, buyer: str) -> Iterator[Event]:
        """One piece of each product, and two small orders whose keys differ from its key in case and in a blank."""
        first = self._order(buyer, len(self.left), pieces=1)
        for order in (first, *(replace(first, lines=first.lines[:1], key=key) for key in _like(first.key))):
            for product, _ in order.lines:
                self.left[product] -= 1
            yield Rush((order,))

    def _last_pieces(self, buyer: str) -> Order:
        """An order of all that is left of a product, so that nothing is there when the request is sent again."""
        have = [product for product, stock in self.left.items() if stock > MOST and product not in self.kept]
        product = min(have, key=lambda one: self.left[one])
        pieces, self.left[product] = self.left[product], 0
        return replace(self._order(buyer, 1, pieces=pieces), lines=((product, pieces),))

    def _mixed_order(self) -> Order:
        """An order of which one line can be had, and the next one cannot."""
        order = self._order("Eve", 1)
        missing = next(product for product, stock in self.left.items() if stock == 0)
        return Order("Eve", order.customer, (*order.lines, (missing, 1)), order.key)

    def _incident(self) -> Iterator[Event]:
        """Damaged copies, a whole one, and a damaged one, with orders between, and an accident; then all again."""
        if "recover" in self.shop.functions:
            for damaged, damage in zip((5, 1), self.rng.sample(DAMAGES, 2), strict=True):
                yield from (Copy(self.rng.choice(DAMAGES)) for _ in range(damaged))
                yield from self._copies(damage)
                yield Accident(self.rng.choice(ACCIDENTS))
        elif "backup" in self.shop.functions:
            yield from self._copies("half")

    def _copies(self, damage: Damage) -> Iterator[Event]:
        yield from self._orders_between()
        yield Copy()
        yield from self._orders_of_one("Gil", 2)
        yield Copy(damage)
        yield from self._orders_of_one("Hal", 2)

    def _orders_of_one(self, buyer: str, count: int) -> Iterator[Event]:
        """Orders of one piece of the same product: changes of one row, which depend on their order."""
        product = max((one for one in self.left if one not in self.kept), key=lambda one: self.left[one])
        for _ in range(count) if self.shop.takes_orders() else ():
            self.left[product] -= 1
            yield Rush((replace(self._order(buyer, 1, pieces=1), lines=((product, 1),)),))

    def _orders_between(self) -> Iterator[Event]:
        if self.shop.takes_orders():
            yield Rush((self._order("Fay", 1),))

    def _crowds(self) -> Iterator[Event]:
        """Eight buyers for what is nearly gone, eight for all that is left, and one request sent twice at once."""
        scarce = [product for product, stock in self.left.items() if 0 < stock <= 2]
        yield self._crowd(8, scarce[:1])
        yield self._crowd(8)
        if "place_order" in self.shop.functions:
            order = self._order("Ada", 1)
            yield Rush((order, resend(order, "Ben")), self._turns(("Ada", "Ben")))

    def _crowd(self, size: int, wanted: list[int] | None = None) -> Rush:
        buyers = BUYERS[:size]
        orders = tuple(self._order(buyer, 2, wanted=wanted, is_sure=False) for buyer in buyers)
        return Rush(orders, self._turns(buyers))

    def _turns(self, buyers: tuple[str, ...]) -> tuple[str, ...]:
        """Half of the statements one by one in turn, the rest in any order."""
        together = [buyer for _ in range(TURNS // 4) for buyer in buyers]
        return (*together, *self.rng.choices(buyers, k=TURNS * len(buyers) // 2))

    def _order(
        self,
        buyer: str,
        count: int,
        *,
        version: int = 1,
        pieces: int | None = None,
        wanted: list[int] | None = None,
        is_sure: bool = True,
    ) -> Order:
        self.orders += 1
        lines = self._lines(count, pieces, wanted or [], is_sure)
        key = f"night-{self.rng.randrange(16**6):06x}-{self.orders}"
        return Order(buyer, self.rng.choice(self.customers), lines, key, version)

    def _lines(self, count: int, pieces: int | None, wanted: list[int], is_sure: bool) -> Lines:
        """Products in any order, each with `pieces`, or with one of those wanted and up to three of others.

        Where it must be sure that they are there, they are counted as gone.
        """
        out = {*wanted, *self.kept}
        have = [product for product, stock in self.left.items() if stock > MOST and product not in out]
        products = [*wanted, *self.rng.sample(have, min(count, len(have)))][:count] or [*self.left][:1]
        lines = [(one, pieces or (1 if one in wanted else self.rng.randint(1, MOST))) for one in products]
        if is_sure and pieces is None:
            for product, taken in lines:
                self.left[product] -= taken
        return tuple(lines)
