import js from "@eslint/js";
import globals from "globals";

export default [
    js.configs.recommended,
    {
        files: ["addons/*/static/**/*.js", "tests/addons/*/static/**/*.js"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            // What the web client puts on the window, beside the browser's own names.
            globals: {
                ...globals.browser,
                Chart: "readonly",
                luxon: "readonly",
                odoo: "readonly",
            },
        },
        rules: {
            complexity: ["error", 10],
            curly: "error",
            eqeqeq: "error",
            "no-alert": "error",
            "no-console": ["error", { allow: ["warn", "error"] }],
            "no-else-return": "error",
            "no-shadow": "error",
            "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
            "no-var": "error",
            "prefer-const": "error",
        },
    },
];
