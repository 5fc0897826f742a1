source("../reference.R")
write_reference(with_products(read_data("TPB"), paste0("int", 1:3), paste0("pbc", 1:3)), estimators = c("ML", "MLR"))
