# Remakes every stored reference: Rscript make_all.R, in this folder.
for (script in list.files(".", pattern = "^make\\.R$", recursive = TRUE)) {
  case <- dirname(script)
  message(case)
  status <- system2(file.path(R.home("bin"), "Rscript"), c("-e", shQuote(sprintf("setwd('%s'); source('make.R')", case))))
  if (status != 0) stop("failed: ", case)
}
