"""Whether verdicts hang on choices of the analysis or on single respondents."""
