# Matched pairs, with the parameters of products as functions of first-order parameters (Algina & Moulder 2001).
source("../products.R")
names <- paste(items("x"), items("z"), sep = ".")
write_moderated(
  products(read_data("oneInt"), items("x"), items("z"), match = TRUE, double = FALSE), meanstructure = TRUE,
  estimators = "ML",
  lines = c(
    "X =~ x1 + a2*x2 + a3*x3", "Z =~ z1 + b2*z2 + b3*z3", "Y =~ y1 + y2 + y3",
    "X_x_Z =~ x1.z1 + c2*x2.z2 + c3*x3.z3", "Y ~ X + Z + X_x_Z",
    "X ~~ vx*X", "Z ~~ vz*Z", "X ~~ phi*Z", "X_x_Z ~~ vxz*X_x_Z", "X_x_Z ~~ 0*X + 0*Z", "X_x_Z ~ phi*1",
    paste0("x", 1:3, " ~~ d", 1:3, "*x", 1:3), paste0("z", 1:3, " ~~ e", 1:3, "*z", 1:3),
    paste0(names, " ~~ f", 1:3, "*", names),
    "c2 == a2*b2", "c3 == a3*b3", "vxz == vx*vz + phi^2",
    "f1 == vx*e1 + vz*d1 + d1*e1",
    "f2 == a2^2*vx*e2 + b2^2*vz*d2 + d2*e2",
    "f3 == a3^2*vx*e3 + b3^2*vz*d3 + d3*e3"
  )
)
