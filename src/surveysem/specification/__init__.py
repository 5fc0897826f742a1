"""Models as values: what an author writes, the defaults it implies, and the parameter table both engines take."""

from surveysem.specification.compile import (
    measurement_statements,
    moderated_statements,
    specification_with_products,
    structural_statements,
)
from surveysem.specification.defaults import AS_WRITTEN, SEM_DEFAULTS, Defaults, parameter_table
from surveysem.specification.groups import GROUP_EQUAL
from surveysem.specification.identification import check_identification
from surveysem.specification.model import LatentInteraction, LatentVariable, ModelSpecification, StructuralPath
from surveysem.specification.ordinal import ordered_variables
from surveysem.specification.parameters import EXPRESSIONS, Operator, Parameter, ParameterTable
from surveysem.specification.parse import parse_syntax
from surveysem.specification.products import Pairs, ProductPair, product_pairs, sharing_pairs
from surveysem.specification.statements import Modifiers, Statement
from surveysem.specification.write import lavaan_syntax, semopy_syntax

__all__ = [
    "AS_WRITTEN",
    "EXPRESSIONS",
    "GROUP_EQUAL",
    "SEM_DEFAULTS",
    "Defaults",
    "LatentInteraction",
    "LatentVariable",
    "ModelSpecification",
    "Modifiers",
    "Operator",
    "Pairs",
    "Parameter",
    "ParameterTable",
    "ProductPair",
    "Statement",
    "StructuralPath",
    "check_identification",
    "lavaan_syntax",
    "measurement_statements",
    "moderated_statements",
    "ordered_variables",
    "parameter_table",
    "parse_syntax",
    "product_pairs",
    "semopy_syntax",
    "sharing_pairs",
    "specification_with_products",
    "structural_statements",
]
