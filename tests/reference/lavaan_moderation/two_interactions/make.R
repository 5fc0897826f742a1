# Two products that share a factor: matched items of ATT and SN with those of PBC.
source("../products.R")
data <- read_data("TPB")
first <- paste(items("att"), items("pbc"), sep = ".")
second <- paste(items("sn", 2), items("pbc", 2), sep = ".")
data <- products(data, items("att"), items("pbc"), match = TRUE)
data <- products(data, items("sn", 2), items("pbc", 2), match = TRUE)
write_moderated(data, lines = c(
  measured_by("ATT", items("att", 5)), measured_by("SN", items("sn", 2)), measured_by("PBC", items("pbc")),
  measured_by("INT", items("int")), measured_by("ATT_x_PBC", first), measured_by("SN_x_PBC", second),
  "INT ~ ATT + SN + PBC + ATT_x_PBC + SN_x_PBC", sharing(c(first, second))))
