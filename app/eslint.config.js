import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["fusionscope_app/components/**/*.js", "fusionscope_app/theme/*.js"],
    languageOptions: {
      globals: { ...globals.browser, GLOSSARY: "readonly", RAMPS: "readonly", SHADE: "readonly", TOUR: "readonly" },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-implicit-globals": "error",
      "no-shadow": "error",
      "no-unused-private-class-members": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
    },
  },
];
