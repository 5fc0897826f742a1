# Writes labelled.sav and labelled.dta with haven. Run it in this folder: Rscript make.R
library(haven)
agree <- c("Degree 1" = 1, "Degree 7" = 7, "Does not apply" = 98)
reversed <- setNames(1:7, paste("Degree", 7:1))
spss <- data.frame(
  tr_1 = labelled_spss(c(1, 4, 98, 5, NA), agree, na_values = 98, label = "Item tr_1"),
  tr_2 = labelled(c(7, 6, 5, 2, 1), reversed, label = "coded the other way round"),
  Q3 = labelled_spss(c(2, 3, 91, 95, 6), c("Degree 7" = 7), na_range = c(90, 99), label = "Item tr_3"),
  country = c("PT", "NA", "", "DE", "FR")
)
write_sav(spss, "labelled.sav")
# An integer column with both a named and the plain missing value, and a column of doubles with both.
stata <- data.frame(
  tr_1 = labelled(c(1, 4, tagged_na("a"), NA, 5), c("Degree 1" = 1, "Refused" = tagged_na("a"))),
  tr_2 = c(7L, NA, 5L, 2L, 1L),
  deal = labelled(c(2.5, NA, tagged_na("b"), 100, 7), c("Not known" = tagged_na("b"))),
  country = c("PT", "NA", "", "DE", "FR")
)
write_dta(stata, "labelled.dta")
