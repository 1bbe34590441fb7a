#!/usr/bin/env node
import { notBuiltYet } from "./not-built-yet.ts";

notBuiltYet("swarmd");
