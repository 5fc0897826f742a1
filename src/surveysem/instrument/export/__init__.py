"""Questionnaires written for survey tools and on paper."""

from surveysem.instrument.export.exporting import SURVEY_FORMATS, ExportedSurvey, export_survey

__all__ = ["SURVEY_FORMATS", "ExportedSurvey", "export_survey"]
