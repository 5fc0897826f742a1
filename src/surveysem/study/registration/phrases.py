"""Phrases of a preregistration, in the languages it is written in."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "title": "Preregistration",
    "authors": "Authors",
    "unnamed": "not named",
    "registered": "Written on {date} with surveysem {version}, for the study `{study}`.",
    "data": "Have any data been collected for this study already?",
    "data_none": "No data have been collected for this study yet.",
    "data_not_analysed": "Some data have been collected, but nobody has looked at them or analysed them.",
    "data_analysed": (
        "Data have been collected and looked at. What follows is therefore not a plan made before the data."
    ),
    "hypotheses": "Hypotheses",
    "hypotheses_opening": "What is put to the test, with the effect that decides and its expected sign.",
    "statement": "Statement",
    "effect": "Effect tested",
    "expected": "Expected",
    "smallest": "Smallest effect of interest",
    "positive": "positive",
    "negative": "negative",
    "two-sided": "not zero",
    "composite": "see its parts",
    "differs": "differs between groups",
    "differ": "{paths} differ between values of {group}",
    "of_parts": "combination of its parts",
    "extensions": "Hypotheses beyond the framework",
    "extensions_opening": "Judged apart by the same rules, and not counted among the hypotheses above.",
    "rules": "Decision rules",
    "alpha": "Each effect is tested at α = {alpha}, {sides}.",
    "own_rule": "α = {alpha}, {sides}.",
    "family": "The family {family} is adjusted apart: {ids}.",
    "unmeasured": (
        "It is *not testable* too when no item of one of its constructs is among the answers; the model is then fitted "
        "without that construct."
    ),
    "sides_one": "one-sided in the expected direction where one is expected",
    "sides_two": "two-sided",
    "multiplicity_none": (
        "p-values are not adjusted for the number of hypotheses; p adjusted after Holm is shown beside."
    ),
    "multiplicity_holm": "p-values are adjusted over all hypotheses after Holm; unadjusted ones are shown beside.",
    "multiplicity_benjamini_hochberg": (
        "p-values are adjusted over all hypotheses after Benjamini and Hochberg (false discovery rate); "
        "unadjusted ones are shown beside."
    ),
    "supported": (
        "A hypothesis is *supported* when its (adjusted) p is at most α and the estimate has the expected sign; "
        "*contradicted* when the estimate is significant with the opposite sign, by a p adjusted likewise; otherwise "
        "*not supported*."
    ),
    "negligible": (
        "It is *negligible*, whatever its p, when the {level} interval of the standardised effect lies wholly "
        "inside ± the smallest effect of interest (equivalence test)."
    ),
    "not_testable": (
        "It is *not testable* when the solution is inadmissible, when groups to be compared lack metric "
        "invariance, or when there is no estimate of the effect."
    ),
    "quality": "Minimum quality of measurement for a verdict: {quality}.",
    "combination": (
        "A hypothesis with parts is *supported* when every part is, and *partially supported* when at least one is."
    ),
    "measures": "Measures",
    "measures_opening": (
        "Constructs and their items, which are reverse-keyed where an (R) follows; questionnaire `{instrument}`, "
        "version {version}."
    ),
    "scale": "scale",
    "model": "Model",
    "model_opening": "Measurement and structural model in lavaan's syntax:",
    "sample": "Sample size",
    "n": "At least {n} and at most {n_maximum} respondents will be analysed, counted after all exclusions.",
    "no_n": "No sample size is fixed in advance.",
    "power": "Power to find each hypothesis supported, from an analysis made before data collection:",
    "no_power": "No power analysis was supplied.",
    "power_column": "Power",
    "interval_column": "Interval",
    "hypothesis_column": "Hypothesis",
    "exclusions": "Exclusions",
    "exclusions_opening": ("Rules that leave respondents out (exclude) or only mark them (flag); all others are off."),
    "no_exclusions": "No rule leaves respondents out.",
    "rule": "Rule",
    "action": "Action",
    "thresholds": "Values the rules use: {values}.",
    "analysis": "Analysis",
    "estimator": "Estimator",
    "missing": "Missing answers",
    "missing_listwise": ("respondents with a missing answer to an item of the model are left out (listwise deletion)"),
    "missing_fiml": "full-information maximum likelihood: all respondents are used with the answers they gave",
    "interaction": "Latent interactions",
    "interaction_product_indicator": "product indicators ({centering} centring)",
    "interaction_lms": "latent moderated structural equations (LMS)",
    "interaction_qml": "quasi-maximum likelihood (QML)",
    "no_interaction": "the model has none",
    "software": "Software",
    "inadmissible": "Hypotheses are not judged on an inadmissible solution.",
    "fit": "Model fit",
    "fit_opening": (
        "Cut-offs that the measurement and the structural model are held against: {cutoffs}. Misfit does not "
        "change a verdict; it is reported beside every one."
    ),
    "robustness": "Robustness checks",
    "compare_interactions": "The latent interactions are estimated by all methods and reported beside each other.",
    "multiverse": (
        "The other defensible analyses that the study file declares under `robustness` are carried out and reported."
    ),
    "no_robustness": "None are planned.",
    "notes": "Anything else",
    "nothing": "Nothing.",
    "integrity": "Integrity",
    "fingerprint": "Fingerprint of the study file and the questionnaire (SHA-256): `{fingerprint}`.",
    "hash": (
        "Hash of the content of `preregistration.yaml` (SHA-256): `{hash}`. The analysis can be held against "
        "that file automatically; every deviation will be reported."
    ),
}
PORTUGUESE: Mapping[str, str] = {
    "title": "Pré-registo",
    "authors": "Autores",
    "unnamed": "não indicados",
    "registered": "Escrito em {date} com surveysem {version}, para o estudo `{study}`.",
    "data": "Já foram recolhidos dados para este estudo?",
    "data_none": "Ainda não foram recolhidos dados para este estudo.",
    "data_not_analysed": "Foram recolhidos alguns dados, mas ninguém os viu nem analisou.",
    "data_analysed": ("Foram recolhidos e vistos dados. O que se segue não é, portanto, um plano anterior aos dados."),
    "hypotheses": "Hipóteses",
    "hypotheses_opening": "O que é posto à prova, com o efeito que decide e o sinal esperado.",
    "statement": "Enunciado",
    "effect": "Efeito testado",
    "expected": "Esperado",
    "smallest": "Menor efeito de interesse",
    "positive": "positivo",
    "negative": "negativo",
    "two-sided": "diferente de zero",
    "composite": "ver as partes",
    "differs": "difere entre grupos",
    "differ": "{paths} diferem entre os valores de {group}",
    "of_parts": "combinação das partes",
    "extensions": "Hipóteses além do quadro teórico",
    "extensions_opening": "Julgadas à parte pelas mesmas regras, sem contar entre as hipóteses acima.",
    "rules": "Regras de decisão",
    "alpha": "Cada efeito é testado com α = {alpha}, {sides}.",
    "own_rule": "α = {alpha}, {sides}.",
    "family": "A família {family} é ajustada à parte: {ids}.",
    "unmeasured": (
        "É também *não testável* quando nenhum item de um dos seus construtos está entre as respostas; o modelo é "
        "então ajustado sem esse construto."
    ),
    "sides_one": "unilateral na direção esperada, onde há uma",
    "sides_two": "bilateral",
    "multiplicity_none": (
        "Os valores p não são ajustados ao número de hipóteses; o p ajustado segundo Holm é mostrado ao lado."
    ),
    "multiplicity_holm": (
        "Os valores p são ajustados sobre todas as hipóteses segundo Holm; os não ajustados são mostrados ao lado."
    ),
    "multiplicity_benjamini_hochberg": (
        "Os valores p são ajustados sobre todas as hipóteses segundo Benjamini e Hochberg (taxa de falsas "
        "descobertas); os não ajustados são mostrados ao lado."
    ),
    "supported": (
        "Uma hipótese é *apoiada* quando o seu p (ajustado) não excede α e a estimativa tem o sinal esperado; "
        "*contrariada* quando a estimativa é significativa com o sinal oposto, por um p ajustado da mesma "
        "forma; nos outros casos, *não apoiada*."
    ),
    "negligible": (
        "É *negligenciável*, seja qual for o p, quando o intervalo de {level} do efeito padronizado fica todo "
        "dentro de ± o menor efeito de interesse (teste de equivalência)."
    ),
    "not_testable": (
        "É *não testável* quando a solução é inadmissível, quando os grupos a comparar não têm invariância "
        "métrica, ou quando não há estimativa do efeito."
    ),
    "quality": "Qualidade mínima da medição para um veredito: {quality}.",
    "combination": (
        "Uma hipótese com partes é *apoiada* quando todas as partes o são, e *parcialmente apoiada* quando pelo "
        "menos uma o é."
    ),
    "measures": "Medidas",
    "measures_opening": (
        "Construtos e seus itens, invertidos onde segue um (R); questionário `{instrument}`, versão {version}."
    ),
    "scale": "escala",
    "model": "Modelo",
    "model_opening": "Modelo de medida e modelo estrutural na sintaxe do lavaan:",
    "sample": "Tamanho da amostra",
    "n": (
        "Serão analisados pelo menos {n} e no máximo {n_maximum} respondentes, contados depois de todas as exclusões."
    ),
    "no_n": "Não se fixa um tamanho da amostra.",
    "power": "Poder para encontrar apoio a cada hipótese, de uma análise anterior à recolha dos dados:",
    "no_power": "Não foi fornecida uma análise de poder.",
    "power_column": "Poder",
    "interval_column": "Intervalo",
    "hypothesis_column": "Hipótese",
    "exclusions": "Exclusões",
    "exclusions_opening": (
        "Regras que excluem respondentes (exclude) ou só os assinalam (flag); todas as outras estão desligadas."
    ),
    "no_exclusions": "Nenhuma regra exclui respondentes.",
    "rule": "Regra",
    "action": "Ação",
    "thresholds": "Valores que as regras usam: {values}.",
    "analysis": "Análise",
    "estimator": "Estimador",
    "missing": "Respostas em falta",
    "missing_listwise": (
        "são excluídos os respondentes a quem falta uma resposta a um item do modelo (listwise deletion)"
    ),
    "missing_fiml": (
        "máxima verosimilhança de informação completa: todos os respondentes contam com as respostas dadas"
    ),
    "interaction": "Interações latentes",
    "interaction_product_indicator": "indicadores de produto (centragem {centering})",
    "interaction_lms": "equações estruturais latentes moderadas (LMS)",
    "interaction_qml": "quase-máxima verosimilhança (QML)",
    "no_interaction": "o modelo não tem nenhuma",
    "software": "Software",
    "inadmissible": "As hipóteses não são julgadas sobre uma solução inadmissível.",
    "fit": "Ajustamento do modelo",
    "fit_opening": (
        "Valores de corte para o modelo de medida e o modelo estrutural: {cutoffs}. Um mau ajustamento não muda "
        "um veredito; é relatado ao lado de cada um."
    ),
    "robustness": "Análises de robustez",
    "compare_interactions": "As interações latentes são estimadas por todos os métodos e relatadas lado a lado.",
    "multiverse": (
        "As outras análises defensáveis que o ficheiro do estudo declara em `robustness` são feitas e relatadas."
    ),
    "no_robustness": "Nenhuma está planeada.",
    "notes": "Outras informações",
    "nothing": "Nada.",
    "integrity": "Integridade",
    "fingerprint": "Impressão digital do ficheiro do estudo e do questionário (SHA-256): `{fingerprint}`.",
    "hash": (
        "Hash do conteúdo de `preregistration.yaml` (SHA-256): `{hash}`. A análise pode ser confrontada "
        "automaticamente com esse ficheiro; todos os desvios serão relatados."
    ),
}
PHRASES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "pt": PORTUGUESE}
