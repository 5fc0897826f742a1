source("../reference.R")
write_reference(read_data("holzinger"), group = "school")
