# The difference test of I7 in test_group_differences.py: Rscript group_difference.R path/to/influencer_data.csv
# lavaan 0.6-14 prints: Chisq diff 10.7736345, Df diff 6, Pr(>Chisq) 0.09563
suppressMessages(library(lavaan))
answers <- read.csv(commandArgs(trailingOnly = TRUE)[1])
model <- "
  PIC =~ pic_1 + pic_2 + pic_3 + pic_4 + pic_5
  SIC =~ sic_1 + sic_2 + sic_3 + sic_4 + sic_5 + sic_6 + sic_7
  PQ =~ pq_1 + pq_2 + pq_3 + pq_4
  PL =~ pl_1 + pl_2 + pl_3 + pl_4
  PI =~ pi_1 + pi_2 + pi_3 + pi_4 + pi_5
  PQ ~ PIC + SIC
  PL ~ PIC + SIC
  PI ~ PQ + PL
"
fit <- function(equal) sem(model, answers, estimator = "MLR", group = "influencer_group", group.equal = equal)
print(lavTestLRT(fit("loadings"), fit(c("loadings", "regressions"))), digits = 9)
