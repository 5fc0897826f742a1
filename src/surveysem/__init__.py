"""surveysem: from a questionnaire to a defensible verdict."""
