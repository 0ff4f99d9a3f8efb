"""The sentences that say why: why an offer is bought or not, why a price changes or not. French, Arabic, English."""

from __future__ import annotations

Sentences = dict[str, dict[str, str]]

VERDICTS: Sentences = {
    "taken": {
        "fr": "Acheté : {quantity}. Environ {rate} vente(s) par jour (entre {rate_low} et {rate_high}), tout vendu en "
        "{days_to_sell} jours, bénéfice attendu {expected_profit} ; si la demande déçoit : {downside}.",
        "ar": "يُشترى: {quantity}. حوالي {rate} مبيعة في اليوم (بين {rate_low} و{rate_high})، يُباع الكل في "
        "{days_to_sell} يومًا، الربح المتوقع {expected_profit}؛ وإن خاب الطلب: {downside}.",
        "en": "Bought: {quantity}. About {rate} sales a day (between {rate_low} and {rate_high}), all sold in "
        "{days_to_sell} days, expected profit {expected_profit}; if demand disappoints: {downside}.",
    },
    "chances": {
        "fr": "Environ {rate} vente(s) par jour, tout vendu en {days_to_sell} jours ; si la demande déçoit : "
        "{downside}.",
        "ar": "حوالي {rate} مبيعة في اليوم، يُباع الكل في {days_to_sell} يومًا؛ وإن خاب الطلب: {downside}.",
        "en": "About {rate} sales a day, all sold in {days_to_sell} days; if demand disappoints: {downside}.",
    },
    "margin": {
        "fr": "Pas assez de marge : la pièce revient à {landed_cost} et ailleurs on paie {reference_price} ; aucun "
        "prix ne garde la marge minimale sans dépasser ce que paient les acheteurs.",
        "ar": "الهامش لا يكفي: كلفة القطعة {landed_cost} وثمنها في مكان آخر {reference_price}؛ لا سعر يحفظ "
        "الهامش الأدنى دون أن يتجاوز ما يدفعه المشترون.",
        "en": "Too little margin: a unit costs {landed_cost} landed and {reference_price} elsewhere; no price keeps "
        "the margin floor without exceeding what shoppers pay.",
    },
    "slow": {
        "fr": "Se vendrait trop lentement : environ {rate} par jour à {sale_price}. La première pièce rapporterait "
        "{expected_profit} en {days_to_sell} jours, trop peu pour l'argent immobilisé.",
        "ar": "سيُباع ببطء شديد: حوالي {rate} في اليوم بسعر {sale_price}. القطعة الأولى تدرّ {expected_profit} في "
        "{days_to_sell} يومًا، وهذا قليل مقابل المال المجمَّد.",
        "en": "Would sell too slowly: about {rate} a day at {sale_price}. The first unit would bring {expected_profit} "
        "in {days_to_sell} days, too little for the money tied up.",
    },
    "others": {
        "fr": "Rentable, mais d'autres offres rapportent plus par dinar et par jour dans le budget restant.",
        "ar": "مربح، لكن عروضًا أخرى تدرّ أكثر لكل دينار ويوم ضمن الميزانية المتبقية.",
        "en": "Worth it, but other offers bring more per dinar and day within the budget that is left.",
    },
    "budget": {
        "fr": "Le budget restant ne suffit pas pour une pièce à {landed_cost}.",
        "ar": "الميزانية المتبقية لا تكفي لقطعة بكلفة {landed_cost}.",
        "en": "The budget that is left does not pay for a unit at {landed_cost}.",
    },
    "cap_product": {
        "fr": "Le plafond par produit ne permet pas une pièce de plus à {landed_cost}.",
        "ar": "سقف المنتج الواحد لا يسمح بقطعة أخرى بكلفة {landed_cost}.",
        "en": "The cap for one product leaves no room for another unit at {landed_cost}.",
    },
    "cap_category": {
        "fr": "Trop d'argent est déjà placé dans cette catégorie.",
        "ar": "في هذه الفئة مال كثير من قبل.",
        "en": "Enough money is tied up in this category already.",
    },
    "cap_seller": {
        "fr": "Trop d'argent est déjà placé chez ce vendeur.",
        "ar": "عند هذا البائع مال كثير من قبل.",
        "en": "Enough money is tied up with this seller already.",
    },
    "same_product": {
        "fr": "Le même produit est acheté à une meilleure annonce.",
        "ar": "المنتج نفسه يُشترى من إعلان أفضل.",
        "en": "The same product is bought from a better listing.",
    },
    "enough": {
        "fr": "Rentable, mais ce cycle a déjà assez d'achats.",
        "ar": "مربح، لكن في هذه الدورة ما يكفي من المشتريات.",
        "en": "Worth it, but this cycle has purchases enough.",
    },
    "proposed": {
        "fr": "Déjà proposé : la décision attend.",
        "ar": "مقترح من قبل: القرار منتظَر.",
        "en": "Proposed already: the decision is open.",
    },
    "under_way": {
        "fr": "Déjà commandé : la livraison est en route.",
        "ar": "طُلب من قبل: التسليم في الطريق.",
        "en": "Ordered already: it is on its way.",
    },
    "rejected": {
        "fr": "Refusé par une personne il y a moins d'une semaine.",
        "ar": "رفضه شخص قبل أقل من أسبوع.",
        "en": "A person said no less than a week ago.",
    },
    "failed": {
        "fr": "Le fournisseur a refusé il y a moins d'un jour.",
        "ar": "رفض المورّد قبل أقل من يوم.",
        "en": "The supplier said no less than a day ago.",
    },
    "in_stock": {
        "fr": "Nous en avons encore assez.",
        "ar": "ما زال عندنا منه ما يكفي.",
        "en": "We still have enough of it.",
    },
    "wild_price": {
        "fr": "Le prix de {price} ne ressemble pas à ce produit : erreur ou autre article, on n'y touche pas.",
        "ar": "السعر {price} لا يشبه هذا المنتج: خطأ أو سلعة أخرى، لا نقترب منه.",
        "en": "A price of {price} does not look like this product: a mistake or another article, left alone.",
    },
    "turned": {
        "fr": "Cette annonce est devenue un autre article que celui que nous y avions acheté.",
        "ar": "صار هذا الإعلان لسلعة أخرى غير التي اشتريناها منه.",
        "en": "This page has become another article than the one we bought there.",
    },
    "bad_seller": {
        "fr": "Le vendeur est mal noté : ce qui déçoit nous revient.",
        "ar": "تقييم البائع سيئ: وما يخيّب يعود إلينا.",
        "en": "The seller is rated badly: what disappoints comes back to us.",
    },
    "not_resellable": {
        "fr": "Ne se revend pas dans notre boutique.",
        "ar": "لا يُعاد بيعه في متجرنا.",
        "en": "Not something our shop resells.",
    },
    "no_price": {
        "fr": "Aucun prix auquel on pourrait commander.",
        "ar": "لا سعر يمكن الطلب به.",
        "en": "No price at which one could order.",
    },
    "sold_out": {
        "fr": "Épuisé, ou disponibilité inconnue.",
        "ar": "نفد، أو توفره مجهول.",
        "en": "Sold out, or nobody knows.",
    },
    "thin": {
        "fr": "On en sait trop peu : presque pas d'avis ni de passages.",
        "ar": "المعروف عنه قليل جدًا: لا تقييمات تقريبًا ولا مشاهدات.",
        "en": "Too little is known: hardly a rating or a sighting.",
    },
    "not_trending": {
        "fr": "Ne monte pas et ne coûte pas moins que d'habitude.",
        "ar": "لا يصعد ولا يقل سعره عن المعتاد.",
        "en": "Neither rising nor cheaper than usual.",
    },
    "unseen": {
        "fr": "Pas vu sur le marché ces 30 derniers jours.",
        "ar": "لم يُرَ في السوق خلال آخر 30 يومًا.",
        "en": "Not seen on the market in the last 30 days.",
    },
}

PRICES: Sentences = {
    "competitors": {
        "fr": "De {old_price} à {new_price} : ailleurs {reference}, environ {rate} vente(s) par jour à ce prix.",
        "ar": "من {old_price} إلى {new_price}: في مكان آخر {reference}، حوالي {rate} مبيعة في اليوم بهذا السعر.",
        "en": "From {old_price} to {new_price}: {reference} elsewhere, about {rate} sales a day at this price.",
    },
    "cheapest": {
        "fr": "De {old_price} à {new_price} : nous étions de loin les moins chers, ailleurs {reference}.",
        "ar": "من {old_price} إلى {new_price}: كنا الأرخص بفارق كبير، في مكان آخر {reference}.",
        "en": "From {old_price} to {new_price}: we were the cheapest by far, {reference} elsewhere.",
    },
    "scarce": {
        "fr": "De {old_price} à {new_price} : {units} en stock, {rate} vente(s) par jour, le stock suffit à peine.",
        "ar": "من {old_price} إلى {new_price}: {units} في المخزون، {rate} مبيعة في اليوم، والمخزون يكاد لا يكفي.",
        "en": "From {old_price} to {new_price}: {units} in stock, {rate} sales a day, hardly enough.",
    },
    "shortage": {
        "fr": "De {old_price} à {new_price} : épuisé partout ailleurs, en dernier à {reference}.",
        "ar": "من {old_price} إلى {new_price}: نفد عند الجميع، وكان آخر سعر {reference}.",
        "en": "From {old_price} to {new_price}: sold out everywhere else, last asked at {reference}.",
    },
    "stand_alone": {
        "fr": "De {old_price} à {new_price} : personne d'autre ne le propose, prix selon le coût et la marge visée.",
        "ar": "من {old_price} إلى {new_price}: لا يعرضه غيرنا، السعر حسب الكلفة والهامش المنشود.",
        "en": "From {old_price} to {new_price}: nobody else offers it, priced by cost and target margin.",
    },
    "floor": {
        "fr": "De {old_price} à {new_price} : l'ancien prix était sous la marge minimale.",
        "ar": "من {old_price} إلى {new_price}: كان السعر السابق دون الهامش الأدنى.",
        "en": "From {old_price} to {new_price}: the old price was below the margin floor.",
    },
    "ceiling": {
        "fr": "De {old_price} à {new_price} : plus cher que ce que paient les acheteurs, au plus {ceiling}.",
        "ar": "من {old_price} إلى {new_price}: أغلى مما يدفعه المشترون، {ceiling} على الأكثر.",
        "en": "From {old_price} to {new_price}: dearer than shoppers pay, {ceiling} at most.",
    },
    "markdown": {
        "fr": "De {old_price} à {new_price} : en stock depuis {days_old} jours, soldé ; perte permise jusqu'à {loss}.",
        "ar": "من {old_price} إلى {new_price}: في المخزون منذ {days_old} يومًا، تخفيض؛ الخسارة المسموحة حتى {loss}.",
        "en": "From {old_price} to {new_price}: in stock for {days_old} days, marked down; a loss of up to {loss} is "
        "allowed.",
    },
    "undo": {
        "fr": "De {old_price} à {new_price} : le changement {change} est annulé, le prix se repose.",
        "ar": "من {old_price} إلى {new_price}: أُلغي التغيير {change}، والسعر يستريح.",
        "en": "From {old_price} to {new_price}: change {change} is taken back, the price rests.",
    },
    "person": {
        "fr": "De {old_price} à {new_price} : {why}",
        "ar": "من {old_price} إلى {new_price}: {why}",
        "en": "From {old_price} to {new_price}: {why}",
    },
    "keep": {
        "fr": "Le prix de {old_price} reste : il n'y a pas mieux.",
        "ar": "يبقى السعر {old_price}: لا يوجد أفضل.",
        "en": "The price of {old_price} stays: none is better.",
    },
    "small": {
        "fr": "Le prix de {old_price} reste : {target} serait presque pareil.",
        "ar": "يبقى السعر {old_price}: {target} يكاد يكون مثله.",
        "en": "The price of {old_price} stays: {target} would be nearly the same.",
    },
    "resting": {
        "fr": "Le prix de {old_price} reste jusqu'au {until} : une personne l'a fixé.",
        "ar": "يبقى السعر {old_price} حتى {until}: حدده شخص.",
        "en": "The price of {old_price} stays until {until}: a person has set it.",
    },
    "enough_today": {
        "fr": "Le prix de {old_price} reste : assez changé aujourd'hui.",
        "ar": "يبقى السعر {old_price}: تغيّر اليوم بما يكفي.",
        "en": "The price of {old_price} stays: it has changed enough today.",
    },
    "no_cost": {
        "fr": "Le prix de {old_price} reste : le coût du stock est inconnu.",
        "ar": "يبقى السعر {old_price}: كلفة المخزون مجهولة.",
        "en": "The price of {old_price} stays: what the stock cost is unknown.",
    },
}
