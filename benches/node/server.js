// Customer accounts as MERN shops implement them: sign up, log in, profile. This is what Doorstep replaces and is
// compared with. Configured by PORT, MONGO_URI, REDIS_URL, ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET.
import bcrypt from "bcryptjs";
import cookieParser from "cookie-parser";
import express from "express";
import { Redis } from "ioredis";
import jwt from "jsonwebtoken";
import mongoose from "mongoose";

const { PORT, MONGO_URI, REDIS_URL, ACCESS_TOKEN_SECRET, REFRESH_TOKEN_SECRET } = process.env;
const FIFTEEN_MINUTES = 15 * 60;
const SEVEN_DAYS = 7 * 24 * 60 * 60;

const redis = new Redis(REDIS_URL);

const userSchema = new mongoose.Schema(
  {
    name: { type: String, required: [true, "Name is required"] },
    email: { type: String, required: [true, "Email is required"], unique: true, lowercase: true, trim: true },
    password: { type: String, required: [true, "Password is required"], minlength: 6 },
    cartItems: [
      {
        quantity: { type: Number, default: 1 },
        product: { type: mongoose.Schema.Types.ObjectId, ref: "Product" },
      },
    ],
    role: { type: String, enum: ["customer", "admin"], default: "customer" },
  },
  { timestamps: true },
);

userSchema.pre("save", async function () {
  if (!this.isModified("password")) return;
  this.password = await bcrypt.hash(this.password, await bcrypt.genSalt(10));
});

userSchema.methods.comparePassword = function (password) {
  return bcrypt.compare(password, this.password);
};

const User = mongoose.model("User", userSchema);

async function signIn(res, userId) {
  const accessToken = jwt.sign({ userId }, ACCESS_TOKEN_SECRET, { expiresIn: FIFTEEN_MINUTES });
  const refreshToken = jwt.sign({ userId }, REFRESH_TOKEN_SECRET, { expiresIn: SEVEN_DAYS });
  await redis.set(`refresh_token:${userId}`, refreshToken, "EX", SEVEN_DAYS);
  const attributes = { httpOnly: true, sameSite: "strict" };
  res.cookie("accessToken", accessToken, { ...attributes, maxAge: FIFTEEN_MINUTES * 1000 });
  res.cookie("refreshToken", refreshToken, { ...attributes, maxAge: SEVEN_DAYS * 1000 });
}

async function signUp(req, res) {
  const { name, email, password } = req.body;
  if (await User.findOne({ email })) return res.status(400).json({ message: "User already exists" });
  const user = await User.create({ name, email, password });
  await signIn(res, user._id);
  res.status(201).json({ _id: user._id, name: user.name, email: user.email, role: user.role });
}

async function logIn(req, res) {
  const { email, password } = req.body;
  const user = await User.findOne({ email });
  if (!user || !(await user.comparePassword(password))) {
    return res.status(400).json({ message: "Invalid email or password" });
  }
  await signIn(res, user._id);
  res.json({ _id: user._id, name: user.name, email: user.email, role: user.role });
}

async function protectRoute(req, res, next) {
  const { accessToken } = req.cookies;
  if (!accessToken) return res.status(401).json({ message: "Unauthorized - No access token provided" });
  try {
    const { userId } = jwt.verify(accessToken, ACCESS_TOKEN_SECRET);
    req.user = await User.findById(userId).select("-password");
  } catch {
    return res.status(401).json({ message: "Unauthorized - Invalid access token" });
  }
  if (!req.user) return res.status(401).json({ message: "User not found" });
  next();
}

const app = express();
app.use(express.json({ limit: "10mb" }));
app.use(cookieParser());
app.post("/api/auth/signup", signUp);
app.post("/api/auth/login", logIn);
app.get("/api/auth/profile", protectRoute, (req, res) => res.json(req.user));

await mongoose.connect(MONGO_URI);
await User.init();
app.listen(PORT, "127.0.0.1");
