"""One module for each format: from the bytes of a file to its canonical text.

- :mod:`index.loaders.base` what every loader gets and gives, and how bytes become characters
- :mod:`index.loaders.guessing` which encoding a text is in that does not say so
- :mod:`index.loaders.formats` which formats are read, and what reads them
- :mod:`index.loaders.plain` plain text and Markdown
- :mod:`index.loaders.html` web pages
- :mod:`index.loaders.html_words` words of a web page that would be lost when its article is looked for
- :mod:`index.loaders.blocks` marked-up trees as lines of text; shared by web pages and books
- :mod:`index.loaders.scripts` raised and lowered numbers
- :mod:`index.loaders.pdf` PDF, with its pages and the boxes of its glyphs
- :mod:`index.loaders.pdf_glyphs` the glyphs of a PDF page as lines
- :mod:`index.loaders.pdf_columns` columns of a PDF page that are drawn row by row
- :mod:`index.loaders.pdf_layout` the lines of a PDF page as paragraphs
- :mod:`index.loaders.docx` Word documents
- :mod:`index.loaders.symbols` characters that they name by a font
- :mod:`index.loaders.epub` electronic books
- :mod:`index.loaders.archives` zip containers, opened with limits

What a loader reads is not trusted: none of them fetches anything, follows external entities or runs code.
"""
