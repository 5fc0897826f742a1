# Two products that share a factor: all items of ATT and of SN with those of PBC.
source("../products.R")
data <- read_data("TPB")
first <- pairs_of(items("att", 2), items("pbc"))
second <- pairs_of(items("sn", 2), items("pbc"))
data <- products(data, items("att", 2), items("pbc"))
data <- products(data, items("sn", 2), items("pbc"))
write_moderated(data, lines = c(
  measured_by("ATT", items("att", 2)), measured_by("SN", items("sn", 2)), measured_by("PBC", items("pbc")),
  measured_by("INT", items("int")), measured_by("ATT_x_PBC", first), measured_by("SN_x_PBC", second),
  "INT ~ ATT + SN + PBC + ATT_x_PBC + SN_x_PBC", sharing(c(first, second))))
