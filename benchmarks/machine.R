cat(R.version.string, "; lavaan ", as.character(packageVersion("lavaan")), "; BLAS ", extSoftVersion()["BLAS"], "\n", sep = "")
