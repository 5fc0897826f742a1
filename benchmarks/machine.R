cat(R.version.string, "; lavaan ", as.character(packageVersion("lavaan")), "; BLAS ", basename(dirname(extSoftVersion()["BLAS"])), "\n", sep = "")
