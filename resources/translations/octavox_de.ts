<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>octavox</name>
    <message>
      <source>0 (exact)</source>
      <translation>0 (exakt)</translation>
    </message>
    <message>
      <source>1 level guessed</source>
      <translation>1 Ebene geraten</translation>
    </message>
    <message>
      <source>1 pixel</source>
      <translation>1 Pixel</translation>
    </message>
    <message>
      <source>1 thread</source>
      <translation>1 Thread</translation>
    </message>
    <message>
      <source>1,000,000 points</source>
      <translation>1.000.000 Punkte</translation>
    </message>
    <message>
      <source>2 pixels</source>
      <translation>2 Pixel</translation>
    </message>
    <message>
      <source>2 threads</source>
      <translation>2 Threads</translation>
    </message>
    <message>
      <source>2,000,000 points</source>
      <translation>2.000.000 Punkte</translation>
    </message>
    <message>
      <source>3 pixels</source>
      <translation>3 Pixel</translation>
    </message>
    <message>
      <source>3D view</source>
      <translation>3D-Ansicht</translation>
    </message>
    <message>
      <source>4,000,000 points</source>
      <translation>4.000.000 Punkte</translation>
    </message>
    <message>
      <source>5 pixels</source>
      <translation>5 Pixel</translation>
    </message>
    <message>
      <source>500,000 points</source>
      <translation>500.000 Punkte</translation>
    </message>
    <message>
      <source>64 only</source>
      <translation>nur 64</translation>
    </message>
    <message>
      <source>64 to 16</source>
      <translation>64 bis 16</translation>
    </message>
    <message>
      <source>64 to 32</source>
      <translation>64 bis 32</translation>
    </message>
    <message>
      <source>64 to 4</source>
      <translation>64 bis 4</translation>
    </message>
    <message>
      <source>64 to 8</source>
      <translation>64 bis 8</translation>
    </message>
    <message>
      <source>8 pixels</source>
      <translation>8 Pixel</translation>
    </message>
    <message>
      <source>8,000,000 points</source>
      <translation>8.000.000 Punkte</translation>
    </message>
    <message>
      <source>A</source>
      <translation>A</translation>
    </message>
    <message>
      <source>A library is missing. Run “make setup”, then start Octavox again.</source>
      <translation>Eine Bibliothek fehlt. „make setup“ ausführen, dann Octavox neu starten.</translation>
    </message>
    <message>
      <source>A mesh is made of faces, and a point cloud has none: only the points are read.</source>
      <translation>Ein Netz besteht aus Flächen, und eine Punktwolke hat keine: nur die Punkte werden gelesen.</translation>
    </message>
    <message>
      <source>A name is given twice.</source>
      <translation>Ein Name kommt doppelt vor.</translation>
    </message>
    <message>
      <source>A sample of the cloud is being coded.</source>
      <translation>Eine Stichprobe der Wolke wird kodiert.</translation>
    </message>
    <message>
      <source>A sequence; a double click shows it</source>
      <translation>Eine Sequenz; ein Doppelklick zeigt sie</translation>
    </message>
    <message>
      <source>A to B</source>
      <translation>A nach B</translation>
    </message>
    <message>
      <source>About Octavox</source>
      <translation>Über Octavox</translation>
    </message>
    <message>
      <source>About {time} here.</source>
      <translation>Dauert hier etwa {time}.</translation>
    </message>
    <message>
      <source>About {time}, a guess until the first run.</source>
      <translation>Dauert etwa {time}, geschätzt bis zum ersten Lauf.</translation>
    </message>
    <message>
      <source>Action</source>
      <translation>Aktion</translation>
    </message>
    <message>
      <source>Actions found</source>
      <translation>Gefundene Aktionen</translation>
    </message>
    <message>
      <source>Adaptive contexts, no network. Quick, for any cloud.</source>
      <translation>Adaptive Kontexte, kein Netz. Schnell, für jede Wolke.</translation>
    </message>
    <message>
      <source>All bits of the block</source>
      <translation>Alle Bits des Blocks</translation>
    </message>
    <message>
      <source>All files</source>
      <translation>Alle Dateien</translation>
    </message>
    <message>
      <source>All levels</source>
      <translation>Alle Ebenen</translation>
    </message>
    <message>
      <source>All panels</source>
      <translation>Alle Felder</translation>
    </message>
    <message>
      <source>All processors</source>
      <translation>Alle</translation>
    </message>
    <message>
      <source>Analyse</source>
      <translation>Analyse</translation>
    </message>
    <message>
      <source>Arrow keys turn it, with Shift they move it; plus and minus bring it nearer or farther</source>
      <translation>Pfeiltasten drehen sie, mit Umschalt verschieben sie; Plus und Minus holen sie näher oder weiter weg</translation>
    </message>
    <message>
      <source>Arrows</source>
      <translation>Pfeile</translation>
    </message>
    <message>
      <source>As eight</source>
      <translation>In acht Teilen</translation>
    </message>
    <message>
      <source>As in the view</source>
      <translation>Wie in der Ansicht</translation>
    </message>
    <message>
      <source>As large as a voxel looks</source>
      <translation>So groß, wie ein Voxel erscheint</translation>
    </message>
    <message>
      <source>As one</source>
      <translation>Als Ganzes</translation>
    </message>
    <message>
      <source>At most {n} points of a cloud that stays on disk are shown</source>
      <translation>Von einer Wolke, die auf der Festplatte bleibt, werden höchstens {n} Punkte gezeigt</translation>
    </message>
    <message>
      <source>At voxel</source>
      <translation>Bei Voxel</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>Auto</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>Axes</source>
      <translation>Achsen</translation>
    </message>
    <message>
      <source>Axes, scale bar, selected block</source>
      <translation>Achsen, Maßstab, gewählter Block</translation>
    </message>
    <message>
      <source>B</source>
      <translation>B</translation>
    </message>
    <message>
      <source>B spends more on {more} blocks, fewer on {fewer}</source>
      <translation>B braucht für {more} Blöcke mehr, für {fewer} weniger</translation>
    </message>
    <message>
      <source>B to A</source>
      <translation>B nach A</translation>
    </message>
    <message>
      <source>B − A</source>
      <translation>B − A</translation>
    </message>
    <message>
      <source>B: {name} has {b} bits per axis, A has {a}: their blocks cannot be compared</source>
      <translation>B: {name} hat {b} Bit je Achse, A hat {a}: ihre Blöcke lassen sich nicht vergleichen</translation>
    </message>
    <message>
      <source>B: {name}, {size}; its blocks spend {bits} bits {sign} than those of A</source>
      <translation>B: {name}, {size}; seine Blöcke brauchen {bits} Bit {sign} als die von A</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>Hinten</translation>
    </message>
    <message>
      <source>Background</source>
      <translation>Hintergrund</translation>
    </message>
    <message>
      <source>Begin again after the last frame</source>
      <translation>Nach dem letzten Bild wieder von vorn beginnen</translation>
    </message>
    <message>
      <source>Between voxels, in dB; only where levels are left out</source>
      <translation>Zwischen Voxeln, in dB; nur wo Ebenen fehlen</translation>
    </message>
    <message>
      <source>Bit depth</source>
      <translation>Bittiefe</translation>
    </message>
    <message>
      <source>Bits</source>
      <translation>Bit</translation>
    </message>
    <message>
      <source>Bits A</source>
      <translation>Bit A</translation>
    </message>
    <message>
      <source>Bits B</source>
      <translation>Bit B</translation>
    </message>
    <message>
      <source>Bits B − A</source>
      <translation>Bit B − A</translation>
    </message>
    <message>
      <source>Bits B − A per block</source>
      <translation>Bit B − A je Block</translation>
    </message>
    <message>
      <source>Bits a point</source>
      <translation>Bit je Punkt</translation>
    </message>
    <message>
      <source>Bits by component</source>
      <translation>Bits nach Bestandteil</translation>
    </message>
    <message>
      <source>Bits by kind</source>
      <translation>Bit nach Art</translation>
    </message>
    <message>
      <source>Bits of the bitstream for each occupied voxel of this depth</source>
      <translation>Bits des Bitstroms je belegtem Voxel dieser Tiefe</translation>
    </message>
    <message>
      <source>Bits of the bitstream for each point of the file</source>
      <translation>Bits des Bitstroms je Punkt der Datei</translation>
    </message>
    <message>
      <source>Bits of the geometry by level</source>
      <translation>Bits der Geometrie nach Ebene</translation>
    </message>
    <message>
      <source>Bits of the geometry per occupied voxel, flags included</source>
      <translation>Bit der Geometrie je belegtem Voxel, Flags eingeschlossen</translation>
    </message>
    <message>
      <source>Bits of the geometry, flags included</source>
      <translation>Bit der Geometrie, Flags eingeschlossen</translation>
    </message>
    <message>
      <source>Bits of the voxel of the block that cost most, be it occupied or empty</source>
      <translation>Bits des Voxels im Block, das am meisten kostete, ob belegt oder leer</translation>
    </message>
    <message>
      <source>Bits of {name}</source>
      <translation>Bits: {name}</translation>
    </message>
    <message>
      <source>Bits per axis</source>
      <translation>Bits je Achse</translation>
    </message>
    <message>
      <source>Bits per axis of the voxel grid</source>
      <translation>Bits je Achse des Voxelgitters</translation>
    </message>
    <message>
      <source>Bits per axis of the voxel grid. Automatic: from the points; an open file is read anew</source>
      <translation>Bit je Achse des Voxelgitters. Automatisch: aus den Punkten; eine offene Datei wird neu gelesen</translation>
    </message>
    <message>
      <source>Bits per block</source>
      <translation>Bit je Block</translation>
    </message>
    <message>
      <source>Bits per block of the block of each point, whatever the outlines show</source>
      <translation>Bit je Block für jeden Punkt, was auch die Umrisse zeigen</translation>
    </message>
    <message>
      <source>Bits per occupied voxel</source>
      <translation>Bit je belegtem Voxel</translation>
    </message>
    <message>
      <source>Bits per occupied voxel of the block of each point, whatever the outlines show</source>
      <translation>Bit je belegtem Voxel des Blocks jedes Punktes, was auch die Umrisse zeigen</translation>
    </message>
    <message>
      <source>Bits that B spends more</source>
      <translation>Bit, die B mehr braucht</translation>
    </message>
    <message>
      <source>Bits that the block spends on it</source>
      <translation>Bits, die der Block dafür ausgibt</translation>
    </message>
    <message>
      <source>Bits that the codec spent on an occupied voxel of the block, on average</source>
      <translation>Bits, die der Codec im Mittel für ein belegtes Voxel des Blocks brauchte</translation>
    </message>
    <message>
      <source>Bitstream</source>
      <translation>Bitstrom</translation>
    </message>
    <message>
      <source>Bitstreams by block</source>
      <translation>Bitströme nach Blöcken</translation>
    </message>
    <message>
      <source>Block</source>
      <translation>Block</translation>
    </message>
    <message>
      <source>Block #{n}</source>
      <translation>Block Nr. {n}</translation>
    </message>
    <message>
      <source>Block outlines</source>
      <translation>Blockumrisse</translation>
    </message>
    <message>
      <source>Block size</source>
      <translation>Blockgröße</translation>
    </message>
    <message>
      <source>Block sizes among which VoxelDNN chooses: more sizes, smaller files, more time</source>
      <translation>Blockgrößen, unter denen VoxelDNN wählt: mehr Größen, kleinere Dateien, mehr Zeit</translation>
    </message>
    <message>
      <source>Blocks</source>
      <translation>Blöcke</translation>
    </message>
    <message>
      <source>Blocks by</source>
      <translation>Blöcke nach</translation>
    </message>
    <message>
      <source>Blocks by bits B − A</source>
      <translation>Blöcke nach Bit B − A</translation>
    </message>
    <message>
      <source>Blocks of 16</source>
      <translation>Blöcke von 16</translation>
    </message>
    <message>
      <source>Blocks of 32</source>
      <translation>Blöcke von 32</translation>
    </message>
    <message>
      <source>Blocks of 4</source>
      <translation>Blöcke von 4</translation>
    </message>
    <message>
      <source>Blocks of 64</source>
      <translation>Blöcke von 64</translation>
    </message>
    <message>
      <source>Blocks of 8</source>
      <translation>Blöcke von 8</translation>
    </message>
    <message>
      <source>Blocks shown, in coding order</source>
      <translation>Gezeigte Blöcke, in Kodierreihenfolge</translation>
    </message>
    <message>
      <source>Blocks table</source>
      <translation>Tabelle der Blöcke</translation>
    </message>
    <message>
      <source>Bottom</source>
      <translation>Unten</translation>
    </message>
    <message>
      <source>Bounding box</source>
      <translation>Hüllquader</translation>
    </message>
    <message>
      <source>Bytes</source>
      <translation>Bytes</translation>
    </message>
    <message>
      <source>Bytes and depth</source>
      <translation>Bytes und Tiefe</translation>
    </message>
    <message>
      <source>Bytes by component</source>
      <translation>Bytes nach Bestandteil</translation>
    </message>
    <message>
      <source>Bytes of each frame</source>
      <translation>Bytes je Bild</translation>
    </message>
    <message>
      <source>Bytes of the selected slice</source>
      <translation>Bytes des gewählten Slice</translation>
    </message>
    <message>
      <source>Bytes {first} to {last} are damaged.</source>
      <translation>Die Bytes {first} bis {last} sind beschädigt.</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>CUDA GPU</source>
      <translation>CUDA-GPU</translation>
    </message>
    <message>
      <source>Camera bookmarks</source>
      <translation>Kamera-Lesezeichen</translation>
    </message>
    <message>
      <source>Camera copied as text</source>
      <translation>Kamera als Text kopiert</translation>
    </message>
    <message>
      <source>Camera saved as bookmark {n}; press {n} to go back to it</source>
      <translation>Kamera als Lesezeichen {n} gespeichert; die Taste {n} führt dorthin zurück</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Cells</source>
      <translation>Zellen</translation>
    </message>
    <message>
      <source>Certificate of loss</source>
      <translation>Zertifikat des Verlusts</translation>
    </message>
    <message>
      <source>Change a scale…</source>
      <translation>Eine Skala ändern…</translation>
    </message>
    <message>
      <source>Check that the file is there, a point cloud in a supported format, and that it holds points.</source>
      <translation>Prüfen, ob die Datei da ist, eine Punktwolke in einem unterstützten Format ist und Punkte enthält.</translation>
    </message>
    <message>
      <source>Check the disk and the path, then try again.</source>
      <translation>Datenträger und Pfad prüfen, dann noch einmal versuchen.</translation>
    </message>
    <message>
      <source>Checksums</source>
      <translation>Prüfsummen</translation>
    </message>
    <message>
      <source>Choose a codec and a depth.</source>
      <translation>Wählen Sie einen Codec und eine Tiefe.</translation>
    </message>
    <message>
      <source>Choose a folder in which you may write, or change the file's permissions.</source>
      <translation>Einen Ordner mit Schreibrecht wählen oder die Rechte der Datei ändern.</translation>
    </message>
    <message>
      <source>Choose a folder that exists, in which you may write, on a disk with room.</source>
      <translation>Einen Ordner wählen, den es gibt, in den geschrieben werden darf und auf dessen Datenträger Platz ist.</translation>
    </message>
    <message>
      <source>Choose a property to colour the points by it; the marks say what compressing stores</source>
      <translation>Eine Eigenschaft wählen, um die Punkte danach zu färben; die Häkchen sagen, was beim Komprimieren gespeichert wird</translation>
    </message>
    <message>
      <source>Choose colours and ends of a scale, and which views have one of their own</source>
      <translation>Farben und Enden einer Skala wählen, und welche Ansichten eine eigene haben</translation>
    </message>
    <message>
      <source>Choose depth…</source>
      <translation>Tiefe wählen …</translation>
    </message>
    <message>
      <source>Choose the codec “octree”, which needs no network weights, or install the weights that are named.</source>
      <translation>Den Codec „octree“ wählen, der keine Netzgewichte braucht, oder die genannten Gewichte installieren.</translation>
    </message>
    <message>
      <source>Choose the quality</source>
      <translation>Die Qualität wählen</translation>
    </message>
    <message>
      <source>Chunk heads, index</source>
      <translation>Abschnittsköpfe, Verzeichnis</translation>
    </message>
    <message>
      <source>Chunks</source>
      <translation>Abschnittsköpfe</translation>
    </message>
    <message>
      <source>Cividis</source>
      <translation>Cividis</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Klassen</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>Leeren</translation>
    </message>
    <message>
      <source>Click</source>
      <translation>Klick</translation>
    </message>
    <message>
      <source>Click a second point for the distance, a third for the angle</source>
      <translation>Ein Klick auf einen zweiten Punkt ergibt den Abstand, auf einen dritten den Winkel</translation>
    </message>
    <message>
      <source>Click two points for their distance, a third for the angle at the second</source>
      <translation>Zwei Punkte anklicken für ihren Abstand, einen dritten für den Winkel am zweiten</translation>
    </message>
    <message>
      <source>Click: the cloud and the scale of colours of this view</source>
      <translation>Klick: die Wolke und die Farbskala dieser Ansicht</translation>
    </message>
    <message>
      <source>Clip</source>
      <translation>Zuschnitt</translation>
    </message>
    <message>
      <source>Clip to block</source>
      <translation>Auf den Block zuschneiden</translation>
    </message>
    <message>
      <source>Clipping box</source>
      <translation>Zuschnittquader</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <source>Close all</source>
      <translation>Alles schließen</translation>
    </message>
    <message>
      <source>Close all clouds, bitstreams and sequences; the panel Scene closes single ones</source>
      <translation>Alle Wolken, Bitströme und Sequenzen schließen; das Feld Szene schließt einzelne</translation>
    </message>
    <message>
      <source>Close other programs, or open a cloud with fewer points.</source>
      <translation>Andere Programme schließen oder eine Wolke mit weniger Punkten öffnen.</translation>
    </message>
    <message>
      <source>Close other programs, then try again.</source>
      <translation>Andere Programme schließen und es noch einmal versuchen.</translation>
    </message>
    <message>
      <source>Close the window</source>
      <translation>Das Fenster schließen</translation>
    </message>
    <message>
      <source>Closed</source>
      <translation>Geschlossen</translation>
    </message>
    <message>
      <source>Cloud</source>
      <translation>Wolke</translation>
    </message>
    <message>
      <source>Clouds</source>
      <translation>Wolken</translation>
    </message>
    <message>
      <source>Clouds, bitstreams</source>
      <translation>Punktwolken, Bitströme</translation>
    </message>
    <message>
      <source>Clouds, bitstreams, sessions</source>
      <translation>Wolken, Bitströme, Sitzungen</translation>
    </message>
    <message>
      <source>Coarse</source>
      <translation>Grob</translation>
    </message>
    <message>
      <source>Coarser</source>
      <translation>Gröbere</translation>
    </message>
    <message>
      <source>Code length of the voxel</source>
      <translation>Codelänge des Voxels</translation>
    </message>
    <message>
      <source>Code length per point</source>
      <translation>Codelänge je Punkt</translation>
    </message>
    <message>
      <source>Code length with flags</source>
      <translation>Codelänge mit Flags</translation>
    </message>
    <message>
      <source>Code the voxels with 1/2 to 3 levels left out, and plot rate and distortion of each</source>
      <translation>Die Voxel mit 1/2 bis 3 weggelassenen Ebenen kodieren und von jedem Mal Rate und Verzerrung zeichnen</translation>
    </message>
    <message>
      <source>Codec</source>
      <translation>Codec</translation>
    </message>
    <message>
      <source>Codecs</source>
      <translation>Codecs</translation>
    </message>
    <message>
      <source>Coded or guessed</source>
      <translation>Kodiert oder geraten</translation>
    </message>
    <message>
      <source>Coding order</source>
      <translation>Kodierreihenfolge</translation>
    </message>
    <message>
      <source>Colour</source>
      <translation>Farbe</translation>
    </message>
    <message>
      <source>Colour of {name}</source>
      <translation>Farbe von {name}</translation>
    </message>
    <message>
      <source>Colour the blocks</source>
      <translation>Blöcke einfärben</translation>
    </message>
    <message>
      <source>Colour the blocks by bits per block</source>
      <translation>Blöcke nach Bit je Block einfärben</translation>
    </message>
    <message>
      <source>Colour the blocks by bits per occupied voxel</source>
      <translation>Blöcke nach Bit je belegtem Voxel einfärben</translation>
    </message>
    <message>
      <source>Colour the blocks by block size</source>
      <translation>Blöcke nach ihrer Größe einfärben</translation>
    </message>
    <message>
      <source>Colour the blocks by largest surprise; computed first, from the bitstream, for all blocks</source>
      <translation>Die Blöcke nach größter Überraschung färben; sie wird zuerst aus dem Bitstrom für alle Blöcke berechnet</translation>
    </message>
    <message>
      <source>Colour the blocks by mean surprise; computed first, from the bitstream, for all blocks</source>
      <translation>Die Blöcke nach mittlerer Überraschung färben; sie wird zuerst aus dem Bitstrom für alle Blöcke berechnet</translation>
    </message>
    <message>
      <source>Colour the blocks by points per block</source>
      <translation>Blöcke nach Punkten je Block einfärben</translation>
    </message>
    <message>
      <source>Colour the blocks by slice</source>
      <translation>Blöcke nach Slices einfärben</translation>
    </message>
    <message>
      <source>Colours</source>
      <translation>Farben</translation>
    </message>
    <message>
      <source>Colours of the property</source>
      <translation>Farben der Eigenschaft</translation>
    </message>
    <message>
      <source>Colour…</source>
      <translation>Farbe…</translation>
    </message>
    <message>
      <source>Column of the filter</source>
      <translation>Spalte des Filters</translation>
    </message>
    <message>
      <source>Column of the histogram</source>
      <translation>Spalte des Histogramms</translation>
    </message>
    <message>
      <source>Columns</source>
      <translation>Spalten</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>Vergleich</translation>
    </message>
    <message>
      <source>Compare bitstreams</source>
      <translation>Bitströme vergleichen</translation>
    </message>
    <message>
      <source>Compare codecs</source>
      <translation>Codecs vergleichen</translation>
    </message>
    <message>
      <source>Compare codecs…</source>
      <translation>Codecs vergleichen…</translation>
    </message>
    <message>
      <source>Compare the clouds</source>
      <translation>Wolken vergleichen</translation>
    </message>
    <message>
      <source>Compare with a bitstream</source>
      <translation>Mit einem Bitstrom vergleichen</translation>
    </message>
    <message>
      <source>Compare with another bitstream…</source>
      <translation>Mit Bitstrom vergleichen …</translation>
    </message>
    <message>
      <source>Compare with…</source>
      <translation>Vergleichen …</translation>
    </message>
    <message>
      <source>Compared codecs: {sizes}</source>
      <translation>Codecs verglichen: {sizes}</translation>
    </message>
    <message>
      <source>Compared: {words}; in {time}</source>
      <translation>Verglichen: {words}; in {time}</translation>
    </message>
    <message>
      <source>Comparing the clouds</source>
      <translation>Vergleich der Wolken</translation>
    </message>
    <message>
      <source>Component</source>
      <translation>Bestandteil</translation>
    </message>
    <message>
      <source>Compress</source>
      <translation>Komprimieren</translation>
    </message>
    <message>
      <source>Compress and decode the cloud with two or three codecs:</source>
      <translation>Die Wolke mit zwei oder drei Codecs komprimieren und dekodieren:</translation>
    </message>
    <message>
      <source>Compress and decode this cloud with two or three codecs, and show them side by side</source>
      <translation>Diese Wolke mit zwei oder drei Codecs komprimieren, dekodieren und nebeneinander zeigen</translation>
    </message>
    <message>
      <source>Compress files</source>
      <translation>Dateien komprimieren</translation>
    </message>
    <message>
      <source>Compress it</source>
      <translation>Komprimieren</translation>
    </message>
    <message>
      <source>Compress several files, one after the other, into bitstreams beside them</source>
      <translation>Mehrere Dateien nacheinander in Bitströme neben ihnen komprimieren</translation>
    </message>
    <message>
      <source>Compress the cloud, or compute the curve, to see rate and distortion.</source>
      <translation>Komprimieren Sie die Wolke oder berechnen Sie die Kurve, um Rate und Verzerrung zu sehen.</translation>
    </message>
    <message>
      <source>Compress the open cloud, or all frames of the open sequence</source>
      <translation>Die offene Punktwolke oder alle Bilder der offenen Sequenz komprimieren</translation>
    </message>
    <message>
      <source>Compress the open file with these settings, after the files that wait, into a file beside it</source>
      <translation>Die offene Datei mit diesen Einstellungen nach den wartenden Dateien komprimieren, in eine Datei neben ihr</translation>
    </message>
    <message>
      <source>Compress this cloud with several codecs at several depths, and plot rate, depth and time</source>
      <translation>Diese Wolke mit mehreren Codecs in mehreren Tiefen komprimieren und Rate, Tiefe und Zeit zeichnen</translation>
    </message>
    <message>
      <source>Compressed to {size} bytes, {rate} bpov for the whole file, in {time}</source>
      <translation>Auf {size} Bytes komprimiert, {rate} bpov für die ganze Datei, in {time}</translation>
    </message>
    <message>
      <source>Compressed with loss to {size} bytes, {rate} bpov for the whole file, D1 {psnr}, in {time}</source>
      <translation>Mit Verlust auf {size} Bytes komprimiert, {rate} bpov für die ganze Datei, D1 {psnr}, in {time}</translation>
    </message>
    <message>
      <source>Compressed {n} frame to {size} in {time}: {path}</source>
      <translation>{n} Bild auf {size} komprimiert in {time}: {path}</translation>
    </message>
    <message>
      <source>Compressed {n} frames to {size} in {time}: {path}</source>
      <translation>{n} Bilder auf {size} komprimiert in {time}: {path}</translation>
    </message>
    <message>
      <source>Compresses the voxels of the cloud once for each codec and depth, without properties, with the options of the panel Codec.</source>
      <translation>Komprimiert die Voxel der Wolke einmal je Codec und Tiefe, ohne Eigenschaften, mit den Einstellungen des Felds Codec.</translation>
    </message>
    <message>
      <source>Compressing {name}</source>
      <translation>Komprimieren von {name}</translation>
    </message>
    <message>
      <source>Compressing {name} moves points.</source>
      <translation>Beim Komprimieren von {name} werden Punkte verschoben.</translation>
    </message>
    <message>
      <source>Compute the curve</source>
      <translation>Kurve berechnen</translation>
    </message>
    <message>
      <source>Computed in {time}</source>
      <translation>Berechnet in {time}</translation>
    </message>
    <message>
      <source>Computed the surprise of all {n} blocks in {time}</source>
      <translation>Überraschung aller {n} Blöcke in {time} berechnet</translation>
    </message>
    <message>
      <source>Computed {n} point in {time}</source>
      <translation>{n} Punkt in {time} berechnet</translation>
    </message>
    <message>
      <source>Computed {n} points in {time}</source>
      <translation>{n} Punkte in {time} berechnet</translation>
    </message>
    <message>
      <source>Computed {n} rate in {time}</source>
      <translation>{n} Rate in {time} berechnet</translation>
    </message>
    <message>
      <source>Computed {n} rates in {time}</source>
      <translation>{n} Raten in {time} berechnet</translation>
    </message>
    <message>
      <source>Computing rates of {name}</source>
      <translation>Berechnen der Raten von {name}</translation>
    </message>
    <message>
      <source>Computing the curve of {name}</source>
      <translation>Berechnen der Kurve von {name}</translation>
    </message>
    <message>
      <source>Computing the surprise of all {n} blocks</source>
      <translation>Berechnen der Überraschung aller {n} Blöcke</translation>
    </message>
    <message>
      <source>Computing the surprise of block #{n}</source>
      <translation>Berechnen der Überraschung von Block #{n}</translation>
    </message>
    <message>
      <source>Computing the surprise of the properties</source>
      <translation>Die Überraschung der Eigenschaften wird berechnet</translation>
    </message>
    <message>
      <source>Content</source>
      <translation>Inhalt</translation>
    </message>
    <message>
      <source>Copied: {line}</source>
      <translation>Kopiert: {line}</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Kopieren</translation>
    </message>
    <message>
      <source>Copy as command line</source>
      <translation>Als Befehlszeile kopieren</translation>
    </message>
    <message>
      <source>Copy camera</source>
      <translation>Kamera kopieren</translation>
    </message>
    <message>
      <source>Copy what happened and the details</source>
      <translation>Meldung und Einzelheiten kopieren</translation>
    </message>
    <message>
      <source>Corner</source>
      <translation>Ecke</translation>
    </message>
    <message>
      <source>Cost</source>
      <translation>Kosten</translation>
    </message>
    <message>
      <source>Cost of the geometry</source>
      <translation>Kosten der Geometrie</translation>
    </message>
    <message>
      <source>Curve</source>
      <translation>Kurve</translation>
    </message>
    <message>
      <source>D selects the block that costs the most bits, N the next one. A click in the view or the table selects a block, too.</source>
      <translation>D wählt den Block mit den meisten Bits, N den nächsten. Auch ein Klick in die Ansicht oder die Tabelle wählt einen Block.</translation>
    </message>
    <message>
      <source>D1 PSNR</source>
      <translation>D1-PSNR</translation>
    </message>
    <message>
      <source>D1 PSNR, dB</source>
      <translation>D1-PSNR, dB</translation>
    </message>
    <message>
      <source>D1 PSNR, dB; peak 2^{d} − 1 = {peak} voxels</source>
      <translation>D1-PSNR, dB; Spitze 2^{d} − 1 = {peak} Voxel</translation>
    </message>
    <message>
      <source>D1 about {psnr} dB</source>
      <translation>D1 etwa {psnr} dB</translation>
    </message>
    <message>
      <source>D1 and D2 are the distances of the MPEG metric. Without loss both PSNRs are infinite.</source>
      <translation>D1 und D2 sind die Abstände des MPEG-Maßes. Ohne Verlust sind beide PSNR unendlich.</translation>
    </message>
    <message>
      <source>D1, point to point</source>
      <translation>D1, Punkt zu Punkt</translation>
    </message>
    <message>
      <source>D2, point to plane</source>
      <translation>D2, Punkt zu Ebene</translation>
    </message>
    <message>
      <source>DIFFERENT: the points are the same, the file is not ({level})</source>
      <translation>VERSCHIEDEN: die Punkte sind gleich, die Datei nicht ({level})</translation>
    </message>
    <message>
      <source>DIFFERENT: voxels are farther away than the stream says, up to {most} ({level})</source>
      <translation>VERSCHIEDEN: Voxel liegen weiter weg, als der Bitstrom sagt, bis zu {most} ({level})</translation>
    </message>
    <message>
      <source>DIFFERENT: {missing} points missing, {extra} added ({level})</source>
      <translation>VERSCHIEDEN: {missing} Punkte fehlen, {extra} sind hinzugekommen ({level})</translation>
    </message>
    <message>
      <source>DIFFERENT: {missing} voxels missing, {extra} added ({level})</source>
      <translation>VERSCHIEDEN: {missing} Voxel fehlen, {extra} sind hinzugekommen ({level})</translation>
    </message>
    <message>
      <source>Dark theme</source>
      <translation>Dunkles Thema</translation>
    </message>
    <message>
      <source>Darken edges in depth, once the camera rests</source>
      <translation>Kanten in der Tiefe abdunkeln, sobald die Kamera ruht</translation>
    </message>
    <message>
      <source>Darken points by the slope of the surface; off shows exact colours</source>
      <translation>Punkte nach der Neigung der Fläche abdunkeln; aus zeigt die genauen Farben</translation>
    </message>
    <message>
      <source>Decode a part</source>
      <translation>Teil dekodieren</translation>
    </message>
    <message>
      <source>Decode only the selected block's slice</source>
      <translation>Nur den Slice des gewählten Blocks dekodieren</translation>
    </message>
    <message>
      <source>Decode only the slice that holds the selected block, and show it beside the original</source>
      <translation>Nur den Slice dekodieren, in dem der gewählte Block liegt, und neben dem Original zeigen</translation>
    </message>
    <message>
      <source>Decode s/M</source>
      <translation>Dekodieren s/Mio.</translation>
    </message>
    <message>
      <source>Decode the bitstream and compare it with the original</source>
      <translation>Den Bitstrom dekodieren und mit dem Original vergleichen</translation>
    </message>
    <message>
      <source>Decoded</source>
      <translation>Dekodiert</translation>
    </message>
    <message>
      <source>Decoded cloud</source>
      <translation>Dekodierte Wolke</translation>
    </message>
    <message>
      <source>Decoded slice {n}: {points} points from {size} in {time}</source>
      <translation>Slice {n} dekodiert: {points} Punkte aus {size} in {time}</translation>
    </message>
    <message>
      <source>Decoded {n} point in {time}</source>
      <translation>{n} Punkt in {time} dekodiert</translation>
    </message>
    <message>
      <source>Decoded {n} points in {time}</source>
      <translation>{n} Punkte in {time} dekodiert</translation>
    </message>
    <message>
      <source>Decoded: {used} of</source>
      <translation>Dekodiert: {used} von</translation>
    </message>
    <message>
      <source>Decoding all levels</source>
      <translation>Dekodieren aller Ebenen</translation>
    </message>
    <message>
      <source>Decoding slice {n}</source>
      <translation>Dekodieren von Slice {n}</translation>
    </message>
    <message>
      <source>Decoding {name}</source>
      <translation>{name} wird dekodiert</translation>
    </message>
    <message>
      <source>Decoding {n} levels</source>
      <translation>Dekodieren von {n} Ebenen</translation>
    </message>
    <message>
      <source>Decompress</source>
      <translation>Dekomprimieren</translation>
    </message>
    <message>
      <source>Decompressing {name}</source>
      <translation>Dekomprimieren von {name}</translation>
    </message>
    <message>
      <source>Depth</source>
      <translation>Tiefe</translation>
    </message>
    <message>
      <source>Deselect</source>
      <translation>Auswahl aufheben</translation>
    </message>
    <message>
      <source>Details ▸</source>
      <translation>Einzelheiten ▸</translation>
    </message>
    <message>
      <source>Details ▾</source>
      <translation>Einzelheiten ▾</translation>
    </message>
    <message>
      <source>Deutsch</source>
      <translation>Deutsch</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>Device of the network</source>
      <translation>Gerät des Netzes</translation>
    </message>
    <message>
      <source>Difference D1</source>
      <translation>Abstand D1</translation>
    </message>
    <message>
      <source>Difference D2</source>
      <translation>Abstand D2</translation>
    </message>
    <message>
      <source>Direction of the surface</source>
      <translation>Richtung der Fläche</translation>
    </message>
    <message>
      <source>Discard</source>
      <translation>Verwerfen</translation>
    </message>
    <message>
      <source>Dismiss</source>
      <translation>Ausblenden</translation>
    </message>
    <message>
      <source>Distance: {lengths}</source>
      <translation>Abstand: {lengths}</translation>
    </message>
    <message>
      <source>Distances of the clouds</source>
      <translation>Abstände der Wolken</translation>
    </message>
    <message>
      <source>Diverging</source>
      <translation>Divergierend</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Fertig</translation>
    </message>
    <message>
      <source>Double-click</source>
      <translation>Doppelklick</translation>
    </message>
    <message>
      <source>Double-click: colours and ends of the scale; right-click: scales of single views</source>
      <translation>Doppelklick: Farben und Enden der Skala; Rechtsklick: Skalen einzelner Ansichten</translation>
    </message>
    <message>
      <source>Drag</source>
      <translation>Ziehen</translation>
    </message>
    <message>
      <source>Drag over the histogram: table and view show only the blocks in that range. Clear shows all again.</source>
      <translation>Über das Histogramm ziehen: Tabelle und Ansicht zeigen nur die Blöcke in diesem Bereich. Leeren zeigt wieder alle.</translation>
    </message>
    <message>
      <source>Drag to orbit, Shift-drag to pan, use the wheel to zoom. Double-click sets the centre of rotation.</source>
      <translation>Ziehen dreht, Ziehen mit Umschalt verschiebt, das Rad zoomt. Ein Doppelklick setzt das Drehzentrum.</translation>
    </message>
    <message>
      <source>Draw arrows from where the blocks of a frame were in the frame before, where it is coded so</source>
      <translation>Pfeile von der Stelle zeichnen, an der die Blöcke im Bild davor lagen, wo das Bild so kodiert ist</translation>
    </message>
    <message>
      <source>Draw only what lies in a box; the panel Clip moves its sides</source>
      <translation>Nur zeichnen, was in einem Quader liegt; das Feld Zuschnitt verschiebt seine Seiten</translation>
    </message>
    <message>
      <source>Draw only what lies in the box</source>
      <translation>Nur im Quader zeichnen</translation>
    </message>
    <message>
      <source>Draw only what lies in the selected block</source>
      <translation>Nur zeichnen, was im gewählten Block liegt</translation>
    </message>
    <message>
      <source>Draw the frame before in grey under the shown one</source>
      <translation>Das Bild davor grau unter dem gezeigten zeichnen</translation>
    </message>
    <message>
      <source>Draw the outlines with 100 % opacity</source>
      <translation>Die Umrisse mit 100 % Deckkraft zeichnen</translation>
    </message>
    <message>
      <source>Draw the outlines with 12 % opacity</source>
      <translation>Die Umrisse mit 12 % Deckkraft zeichnen</translation>
    </message>
    <message>
      <source>Draw the outlines with 30 % opacity</source>
      <translation>Die Umrisse mit 30 % Deckkraft zeichnen</translation>
    </message>
    <message>
      <source>Draw the outlines with 60 % opacity</source>
      <translation>Die Umrisse mit 60 % Deckkraft zeichnen</translation>
    </message>
    <message>
      <source>Duplicates</source>
      <translation>Doppelte Punkte</translation>
    </message>
    <message>
      <source>Each view has a scale of its own.</source>
      <translation>Jede Ansicht hat eine eigene Skala.</translation>
    </message>
    <message>
      <source>Edge in voxels</source>
      <translation>Kante in Voxeln</translation>
    </message>
    <message>
      <source>Edge of the block</source>
      <translation>Kantenlänge des Blocks</translation>
    </message>
    <message>
      <source>Edit</source>
      <translation>Bearbeiten</translation>
    </message>
    <message>
      <source>Effort</source>
      <translation>Aufwand</translation>
    </message>
    <message>
      <source>Empty</source>
      <translation>Leer</translation>
    </message>
    <message>
      <source>Encode s/M</source>
      <translation>Kodieren s/Mio.</translation>
    </message>
    <message>
      <source>Ends of levels</source>
      <translation>Enden der Ebenen</translation>
    </message>
    <message>
      <source>English</source>
      <translation>English</translation>
    </message>
    <message>
      <source>Equal steps of colour are equal factors</source>
      <translation>Gleiche Farbschritte sind gleiche Faktoren</translation>
    </message>
    <message>
      <source>Error</source>
      <translation>Abweichung</translation>
    </message>
    <message>
      <source>Error of the colour</source>
      <translation>Abweichung der Farbe</translation>
    </message>
    <message>
      <source>Error of {name}</source>
      <translation>Abweichung: {name}</translation>
    </message>
    <message>
      <source>Everything that is done is listed here.</source>
      <translation>Hier steht alles, was getan wird.</translation>
    </message>
    <message>
      <source>Exact</source>
      <translation>Genau</translation>
    </message>
    <message>
      <source>Expected from {n} of {all} voxels; properties come on top.</source>
      <translation>Erwartet aus {n} von {all} Voxeln; Eigenschaften kommen hinzu.</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exportieren</translation>
    </message>
    <message>
      <source>Export blocks as CSV…</source>
      <translation>Blöcke als CSV exportieren …</translation>
    </message>
    <message>
      <source>Export cloud</source>
      <translation>Wolke exportieren</translation>
    </message>
    <message>
      <source>Export cloud…</source>
      <translation>Wolke exportieren …</translation>
    </message>
    <message>
      <source>Export plot…</source>
      <translation>Diagramm exportieren …</translation>
    </message>
    <message>
      <source>Export report as JSON…</source>
      <translation>Bericht als JSON exportieren …</translation>
    </message>
    <message>
      <source>Export table…</source>
      <translation>Tabelle exportieren …</translation>
    </message>
    <message>
      <source>Extent</source>
      <translation>Ausdehnung</translation>
    </message>
    <message>
      <source>Extra</source>
      <translation>Zusätzlich</translation>
    </message>
    <message>
      <source>Eye-dome lighting</source>
      <translation>Eye-Dome-Beleuchtung</translation>
    </message>
    <message>
      <source>F2 to F6 choose what colours them: size, bits, bits per point, points, slice.</source>
      <translation>F2 bis F6 wählen, was sie färbt: Größe, Bit, Bit je Punkt, Punkte, Slice.</translation>
    </message>
    <message>
      <source>Facts on the block</source>
      <translation>Angaben zum Block</translation>
    </message>
    <message>
      <source>Fault</source>
      <translation>Fehler</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Datei</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>Dateien …</translation>
    </message>
    <message>
      <source>Filled</source>
      <translation>Gefüllt</translation>
    </message>
    <message>
      <source>Filter the blocks</source>
      <translation>Die Blöcke filtern</translation>
    </message>
    <message>
      <source>Find an action</source>
      <translation>Aktion suchen</translation>
    </message>
    <message>
      <source>Find an action…</source>
      <translation>Aktion suchen …</translation>
    </message>
    <message>
      <source>Find the most expensive block</source>
      <translation>Den teuersten Block finden</translation>
    </message>
    <message>
      <source>Finest octree levels that are not stored, 0 to 4: the decoder guesses them. Of 1.5, half of the second one is. Smaller files; points near the original ones come back</source>
      <translation>Feinste Octree-Ebenen, die nicht gespeichert werden, 0 bis 4: Der Decoder rät sie. Bei 1,5 von der zweiten die Hälfte. Kleinere Dateien; zurück kommen Punkte nahe den ursprünglichen</translation>
    </message>
    <message>
      <source>First frame</source>
      <translation>Erstes Bild</translation>
    </message>
    <message>
      <source>First voxel along {axis}</source>
      <translation>Erstes Voxel entlang {axis}</translation>
    </message>
    <message>
      <source>Fit to view</source>
      <translation>Einpassen</translation>
    </message>
    <message>
      <source>Flags</source>
      <translation>Flags</translation>
    </message>
    <message>
      <source>Four views</source>
      <translation>Vier Ansichten</translation>
    </message>
    <message>
      <source>Frame</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Frame {n}</source>
      <translation>Bild {n}</translation>
    </message>
    <message>
      <source>Frames</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Frames a second</source>
      <translation>Bilder je Sekunde</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Von</translation>
    </message>
    <message>
      <source>Front</source>
      <translation>Vorne</translation>
    </message>
    <message>
      <source>Geometry</source>
      <translation>Geometrie</translation>
    </message>
    <message>
      <source>Ghost</source>
      <translation>Geist</translation>
    </message>
    <message>
      <source>Give view A colours and ends of its own; off, it shares those of the other views</source>
      <translation>Ansicht A eigene Farben und Enden geben; aus: sie teilt die der anderen Ansichten</translation>
    </message>
    <message>
      <source>Give view B colours and ends of its own; off, it shares those of the other views</source>
      <translation>Ansicht B eigene Farben und Enden geben; aus: sie teilt die der anderen Ansichten</translation>
    </message>
    <message>
      <source>Give view C colours and ends of its own; off, it shares those of the other views</source>
      <translation>Ansicht C eigene Farben und Enden geben; aus: sie teilt die der anderen Ansichten</translation>
    </message>
    <message>
      <source>Give view D colours and ends of its own; off, it shares those of the other views</source>
      <translation>Ansicht D eigene Farben und Enden geben; aus: sie teilt die der anderen Ansichten</translation>
    </message>
    <message>
      <source>Go back to the block that costs the next more bits</source>
      <translation>Zurück zum nächstteureren Block</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 1</source>
      <translation>Zur Kamera von Lesezeichen 1 zurückkehren</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 2</source>
      <translation>Zur Kamera von Lesezeichen 2 zurückkehren</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 3</source>
      <translation>Zur Kamera von Lesezeichen 3 zurückkehren</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 4</source>
      <translation>Zur Kamera von Lesezeichen 4 zurückkehren</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 5</source>
      <translation>Zur Kamera von Lesezeichen 5 zurückkehren</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 6</source>
      <translation>Zur Kamera von Lesezeichen 6 zurückkehren</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 7</source>
      <translation>Zur Kamera von Lesezeichen 7 zurückkehren</translation>
    </message>
    <message>
      <source>Go back to the camera of bookmark 8</source>
      <translation>Zur Kamera von Lesezeichen 8 zurückkehren</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>Weitermachen</translation>
    </message>
    <message>
      <source>Go to bookmark 1</source>
      <translation>Zu Lesezeichen 1</translation>
    </message>
    <message>
      <source>Go to bookmark 2</source>
      <translation>Zu Lesezeichen 2</translation>
    </message>
    <message>
      <source>Go to bookmark 3</source>
      <translation>Zu Lesezeichen 3</translation>
    </message>
    <message>
      <source>Go to bookmark 4</source>
      <translation>Zu Lesezeichen 4</translation>
    </message>
    <message>
      <source>Go to bookmark 5</source>
      <translation>Zu Lesezeichen 5</translation>
    </message>
    <message>
      <source>Go to bookmark 6</source>
      <translation>Zu Lesezeichen 6</translation>
    </message>
    <message>
      <source>Go to bookmark 7</source>
      <translation>Zu Lesezeichen 7</translation>
    </message>
    <message>
      <source>Go to bookmark 8</source>
      <translation>Zu Lesezeichen 8</translation>
    </message>
    <message>
      <source>Grey</source>
      <translation>Grau</translation>
    </message>
    <message>
      <source>Guess levels</source>
      <translation>Geraten</translation>
    </message>
    <message>
      <source>Guessed</source>
      <translation>Geraten</translation>
    </message>
    <message>
      <source>Guessed levels</source>
      <translation>Geratene Ebenen</translation>
    </message>
    <message>
      <source>Hausdorff</source>
      <translation>Hausdorff</translation>
    </message>
    <message>
      <source>Have the mouse move the cameras of all views; off, that of its view alone</source>
      <translation>Die Maus bewegt die Kameras aller Ansichten; sonst nur die ihrer Ansicht</translation>
    </message>
    <message>
      <source>Have views A and B change places</source>
      <translation>Die Ansichten A und B tauschen die Plätze</translation>
    </message>
    <message>
      <source>Header</source>
      <translation>Kopf</translation>
    </message>
    <message>
      <source>Heat</source>
      <translation>Hitze</translation>
    </message>
    <message>
      <source>Height</source>
      <translation>Höhe</translation>
    </message>
    <message>
      <source>Height ({axis})</source>
      <translation>Höhe ({axis})</translation>
    </message>
    <message>
      <source>Height along the up axis</source>
      <translation>Höhe entlang der Hochachse</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Hilfe</translation>
    </message>
    <message>
      <source>High</source>
      <translation>Hoch</translation>
    </message>
    <message>
      <source>High end of the scale</source>
      <translation>Oberes Ende der Skala</translation>
    </message>
    <message>
      <source>High tries what suits the cloud before it codes: slower, smaller by up to some per cent; decoding takes no longer</source>
      <translation>Hoch probiert vor dem Kodieren, was der Wolke liegt: langsamer, bis zu einige Prozent kleiner; das Dekodieren dauert nicht länger</translation>
    </message>
    <message>
      <source>Hint</source>
      <translation>Hinweis</translation>
    </message>
    <message>
      <source>Histogram</source>
      <translation>Histogramm</translation>
    </message>
    <message>
      <source>Histogram of the bits that B spends more</source>
      <translation>Histogramm der Bit, die B mehr braucht</translation>
    </message>
    <message>
      <source>Histogram of the blocks</source>
      <translation>Histogramm der Blöcke</translation>
    </message>
    <message>
      <source>How far each point is from the other cloud</source>
      <translation>Wie weit jeder Punkt von der anderen Wolke entfernt ist</translation>
    </message>
    <message>
      <source>How far each point is from the other cloud, across its surface</source>
      <translation>Wie weit jeder Punkt von der anderen Wolke entfernt ist, quer zu ihrer Fläche</translation>
    </message>
    <message>
      <source>How far red, green and blue may each be off, where they are integers; more makes files smaller. 0: they come back exactly</source>
      <translation>Wie weit Rot, Grün und Blau je abweichen dürfen, wo sie ganze Zahlen sind; mehr macht Dateien kleiner. 0: sie kommen genau zurück</translation>
    </message>
    <message>
      <source>How large points are drawn</source>
      <translation>Wie groß Punkte gezeichnet werden</translation>
    </message>
    <message>
      <source>How many bits more or fewer the bitstream of B spends on the block around each point</source>
      <translation>Wie viel Bit mehr oder weniger der Bitstrom von B für den Block um jeden Punkt braucht</translation>
    </message>
    <message>
      <source>How many points of a cloud that stays on disk are read and drawn at most</source>
      <translation>Wie viele Punkte einer Wolke, die auf der Festplatte bleibt, höchstens gelesen und gezeichnet werden</translation>
    </message>
    <message>
      <source>How many processors coding may use; the bytes are the same</source>
      <translation>Wie viele Prozessoren das Kodieren nutzen darf; die Bytes sind dieselben</translation>
    </message>
    <message>
      <source>How the cloud is coded</source>
      <translation>Wie die Wolke kodiert wird</translation>
    </message>
    <message>
      <source>In bytes</source>
      <translation>In Bytes</translation>
    </message>
    <message>
      <source>Independently decodable part</source>
      <translation>Unabhängig dekodierbarer Teil</translation>
    </message>
    <message>
      <source>Independently decodable slice</source>
      <translation>Unabhängig dekodierbarer Slice</translation>
    </message>
    <message>
      <source>Inspect the block</source>
      <translation>Den Block untersuchen</translation>
    </message>
    <message>
      <source>Inspector</source>
      <translation>Inspektor</translation>
    </message>
    <message>
      <source>Isolate</source>
      <translation>Isolieren</translation>
    </message>
    <message>
      <source>Isolate block</source>
      <translation>Block isolieren</translation>
    </message>
    <message>
      <source>It holds rows of 32-bit floats. Choose what a row holds, or write the names of its numbers.</source>
      <translation>Die Datei enthält Zeilen aus 32-Bit-Gleitkommazahlen. Wählen Sie, was eine Zeile enthält, oder schreiben Sie die Namen ihrer Zahlen.</translation>
    </message>
    <message>
      <source>It is lost unless you save it now.</source>
      <translation>Er geht verloren, wenn er jetzt nicht gespeichert wird.</translation>
    </message>
    <message>
      <source>Keep</source>
      <translation>Behalten</translation>
    </message>
    <message>
      <source>Keeps</source>
      <translation>Enthält</translation>
    </message>
    <message>
      <source>Keys and mouse</source>
      <translation>Tasten und Maus</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>Sprache</translation>
    </message>
    <message>
      <source>Language of the window</source>
      <translation>Sprache des Fensters</translation>
    </message>
    <message>
      <source>Large screenshot…</source>
      <translation>Großes Bildschirmfoto …</translation>
    </message>
    <message>
      <source>Largest surprise</source>
      <translation>Größte Überraschung</translation>
    </message>
    <message>
      <source>Largest surprise of the block of each point, whatever the outlines show</source>
      <translation>Größte Überraschung im Block jedes Punkts, was auch immer die Umrisse zeigen</translation>
    </message>
    <message>
      <source>Largest value</source>
      <translation>Größter Wert</translation>
    </message>
    <message>
      <source>Last frame</source>
      <translation>Letztes Bild</translation>
    </message>
    <message>
      <source>Last voxel along {axis}</source>
      <translation>Letztes Voxel entlang {axis}</translation>
    </message>
    <message>
      <source>Learned, coarse to fine, mixed with adaptive contexts. Smallest files.</source>
      <translation>Gelernt, von grob nach fein, gemischt mit adaptiven Kontexten. Kleinste Dateien.</translation>
    </message>
    <message>
      <source>Learned: the paper's network predicts every voxel. Slower.</source>
      <translation>Gelernt: das Netz des Artikels sagt jeden Voxel voraus. Langsamer.</translation>
    </message>
    <message>
      <source>Least value</source>
      <translation>Kleinster Wert</translation>
    </message>
    <message>
      <source>Leave out</source>
      <translation>Weglassen</translation>
    </message>
    <message>
      <source>Left</source>
      <translation>Links</translation>
    </message>
    <message>
      <source>Left out</source>
      <translation>Weggelassen</translation>
    </message>
    <message>
      <source>Legend</source>
      <translation>Legende</translation>
    </message>
    <message>
      <source>Let the scale follow from the values again</source>
      <translation>Die Skala wieder aus den Werten bestimmen</translation>
    </message>
    <message>
      <source>Level</source>
      <translation>Stufe</translation>
    </message>
    <message>
      <source>Level {n}</source>
      <translation>Ebene {n}</translation>
    </message>
    <message>
      <source>Levels</source>
      <translation>Ebenen</translation>
    </message>
    <message>
      <source>Levels that are guessed</source>
      <translation>Ebenen, die geraten werden</translation>
    </message>
    <message>
      <source>Levels that are shown</source>
      <translation>Ebenen, die gezeigt werden</translation>
    </message>
    <message>
      <source>Light theme</source>
      <translation>Helles Thema</translation>
    </message>
    <message>
      <source>Linked cameras</source>
      <translation>Gekoppelte Kameras</translation>
    </message>
    <message>
      <source>List all keys</source>
      <translation>Alle Tasten zeigen</translation>
    </message>
    <message>
      <source>Log</source>
      <translation>Protokoll</translation>
    </message>
    <message>
      <source>Logarithmic</source>
      <translation>Logarithmisch</translation>
    </message>
    <message>
      <source>Look</source>
      <translation>Ansehen</translation>
    </message>
    <message>
      <source>Look around</source>
      <translation>Umsehen</translation>
    </message>
    <message>
      <source>Look as the camera does whose text the clipboard holds</source>
      <translation>Schauen wie die Kamera, deren Text in der Zwischenablage steht</translation>
    </message>
    <message>
      <source>Look at the cloud from the back</source>
      <translation>Die Wolke von hinten ansehen</translation>
    </message>
    <message>
      <source>Look at the cloud from the bottom</source>
      <translation>Die Wolke von unten ansehen</translation>
    </message>
    <message>
      <source>Look at the cloud from the corner</source>
      <translation>Die Wolke von der Ecke ansehen</translation>
    </message>
    <message>
      <source>Look at the cloud from the front</source>
      <translation>Die Wolke von vorne ansehen</translation>
    </message>
    <message>
      <source>Look at the cloud from the left</source>
      <translation>Die Wolke von links ansehen</translation>
    </message>
    <message>
      <source>Look at the cloud from the right</source>
      <translation>Die Wolke von rechts ansehen</translation>
    </message>
    <message>
      <source>Look at the cloud from the top</source>
      <translation>Die Wolke von oben ansehen</translation>
    </message>
    <message>
      <source>Look at the properties</source>
      <translation>Die Eigenschaften ansehen</translation>
    </message>
    <message>
      <source>Look at the selected block</source>
      <translation>Den gewählten Block ansehen</translation>
    </message>
    <message>
      <source>Look from</source>
      <translation>Blick von</translation>
    </message>
    <message>
      <source>Looked through</source>
      <translation>Durchgesehen</translation>
    </message>
    <message>
      <source>Loop</source>
      <translation>Schleife</translation>
    </message>
    <message>
      <source>Lossless</source>
      <translation>Verlustfrei</translation>
    </message>
    <message>
      <source>Lossless certificate</source>
      <translation>Verlustfrei-Zertifikat</translation>
    </message>
    <message>
      <source>Lost slices: {numbers}.</source>
      <translation>Verlorene Slices: {numbers}.</translation>
    </message>
    <message>
      <source>Low corner, voxels</source>
      <translation>Untere Ecke, Voxel</translation>
    </message>
    <message>
      <source>Low end of the scale</source>
      <translation>Unteres Ende der Skala</translation>
    </message>
    <message>
      <source>Maximum</source>
      <translation>Höchstens</translation>
    </message>
    <message>
      <source>Mean surprise</source>
      <translation>Mittlere Überraschung</translation>
    </message>
    <message>
      <source>Mean surprise of the block of each point, whatever the outlines show</source>
      <translation>Mittlere Überraschung im Block jedes Punkts, was auch immer die Umrisse zeigen</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>Messen</translation>
    </message>
    <message>
      <source>Measure D1 and D2, PSNR and Hausdorff distance, and colour the points by the difference</source>
      <translation>D1 und D2, PSNR und Hausdorff-Abstand messen und die Punkte nach dem Abstand färben</translation>
    </message>
    <message>
      <source>Measure the difference</source>
      <translation>Den Unterschied messen</translation>
    </message>
    <message>
      <source>Measured: this choice was coded before.</source>
      <translation>Gemessen: So wurde schon kodiert.</translation>
    </message>
    <message>
      <source>Memory for decoded frames</source>
      <translation>Speicher für dekodierte Bilder</translation>
    </message>
    <message>
      <source>Memory for decoded frames; those not used for longest go first, never those that are shown</source>
      <translation>Speicher für dekodierte Bilder; zuerst gehen die am längsten nicht benutzten, nie die gezeigten</translation>
    </message>
    <message>
      <source>Merged</source>
      <translation>Verschmolzen</translation>
    </message>
    <message>
      <source>Missing</source>
      <translation>Fehlend</translation>
    </message>
    <message>
      <source>Most expensive</source>
      <translation>Teuerster</translation>
    </message>
    <message>
      <source>Most expensive block</source>
      <translation>Teuerster Block</translation>
    </message>
    <message>
      <source>Motion</source>
      <translation>Bewegung</translation>
    </message>
    <message>
      <source>Motion vectors</source>
      <translation>Bewegungsvektoren</translation>
    </message>
    <message>
      <source>Mouse</source>
      <translation>Maus</translation>
    </message>
    <message>
      <source>Move down</source>
      <translation>Nach unten</translation>
    </message>
    <message>
      <source>Move the box along {axis}</source>
      <translation>Den Quader entlang {axis} verschieben</translation>
    </message>
    <message>
      <source>Move up</source>
      <translation>Nach oben</translation>
    </message>
    <message>
      <source>Moved</source>
      <translation>Verschoben</translation>
    </message>
    <message>
      <source>Multiscale</source>
      <translation>Multiskala</translation>
    </message>
    <message>
      <source>Name of the file below the folder of the batch</source>
      <translation>Name der Datei unter dem Ordner des Stapels</translation>
    </message>
    <message>
      <source>Names of properties that are not stored, separated by commas; * for all of them</source>
      <translation>Namen der Eigenschaften, die nicht gespeichert werden, durch Kommas getrennt; * für alle</translation>
    </message>
    <message>
      <source>Names of the numbers of a row</source>
      <translation>Namen der Zahlen einer Zeile</translation>
    </message>
    <message>
      <source>Next</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <source>Next frame</source>
      <translation>Nächstes Bild</translation>
    </message>
    <message>
      <source>Next most expensive block</source>
      <translation>Nächster teuerster Block</translation>
    </message>
    <message>
      <source>No action matches</source>
      <translation>Keine Aktion passt dazu</translation>
    </message>
    <message>
      <source>No block</source>
      <translation>Kein Block</translation>
    </message>
    <message>
      <source>No block is selected. Click a block in the view or a row of the table.</source>
      <translation>Kein Block ist gewählt. Einen Block in der Ansicht oder eine Zeile der Tabelle anklicken.</translation>
    </message>
    <message>
      <source>No blocks yet. Compress the cloud (Ctrl+E) to see its blocks and what each of them costs.</source>
      <translation>Noch keine Blöcke. Die Wolke komprimieren (Strg+E), um ihre Blöcke zu sehen und was jeder kostet.</translation>
    </message>
    <message>
      <source>No blocks: the bitstream of a cloud that stays on disk is made by Queue this cloud.</source>
      <translation>Keine Blöcke: den Bitstrom einer Wolke, die auf der Festplatte bleibt, macht „Diese Wolke einreihen“.</translation>
    </message>
    <message>
      <source>No point is lost.</source>
      <translation>Kein Punkt ist verloren.</translation>
    </message>
    <message>
      <source>No row has both numbers.</source>
      <translation>Keine Zeile hat beide Zahlen.</translation>
    </message>
    <message>
      <source>No second bitstream is open. Its blocks are listed here, with the bits that each costs more than in A.</source>
      <translation>Kein zweiter Bitstrom ist offen. Hier stehen seine Blöcke mit den Bits, die jeder mehr kostet als in A.</translation>
    </message>
    <message>
      <source>No sequence is open.</source>
      <translation>Keine Sequenz ist offen.</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keine</translation>
    </message>
    <message>
      <source>Normal</source>
      <translation>Normale</translation>
    </message>
    <message>
      <source>Not available: {why}</source>
      <translation>Nicht verfügbar: {why}</translation>
    </message>
    <message>
      <source>Not stored</source>
      <translation>Entfällt</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>Hinweis</translation>
    </message>
    <message>
      <source>Nothing is coloured by a scale</source>
      <translation>Nichts ist nach einer Skala gefärbt</translation>
    </message>
    <message>
      <source>Nothing is open</source>
      <translation>Nichts ist offen</translation>
    </message>
    <message>
      <source>Nothing to redo</source>
      <translation>Nichts zu wiederholen</translation>
    </message>
    <message>
      <source>Nothing to undo</source>
      <translation>Nichts rückgängig zu machen</translation>
    </message>
    <message>
      <source>Number of points</source>
      <translation>Anzahl der Punkte</translation>
    </message>
    <message>
      <source>Number of the frame</source>
      <translation>Nummer des Bildes</translation>
    </message>
    <message>
      <source>Number of the frame; the first one is 0, as on the command line</source>
      <translation>Nummer des Bildes; das erste hat die 0, wie auf der Kommandozeile</translation>
    </message>
    <message>
      <source>Occupancy</source>
      <translation>Belegung</translation>
    </message>
    <message>
      <source>Occupied</source>
      <translation>Belegt</translation>
    </message>
    <message>
      <source>Occupied voxels</source>
      <translation>Belegte Voxel</translation>
    </message>
    <message>
      <source>Occupied voxels at this depth</source>
      <translation>Belegte Voxel in dieser Tiefe</translation>
    </message>
    <message>
      <source>Occupied voxels in the block</source>
      <translation>Belegte Voxel im Block</translation>
    </message>
    <message>
      <source>Occupied voxels of the block at {place} cost {bits} bits each; computed in {time}</source>
      <translation>Belegte Voxel des Blocks bei {place} kosten je {bits} Bit; berechnet in {time}</translation>
    </message>
    <message>
      <source>Octavox</source>
      <translation>Octavox</translation>
    </message>
    <message>
      <source>Octavox bitstream</source>
      <translation>Octavox-Bitstrom</translation>
    </message>
    <message>
      <source>Octavox bitstreams</source>
      <translation>Octavox-Bitströme</translation>
    </message>
    <message>
      <source>Octavox did not close properly last time. Restore the session with {name}?</source>
      <translation>Octavox wurde zuletzt nicht richtig beendet. Die Sitzung mit {name} wiederherstellen?</translation>
    </message>
    <message>
      <source>Octavox is still at work.</source>
      <translation>Octavox arbeitet noch.</translation>
    </message>
    <message>
      <source>Octavox reads PLY, PCD, LAS, E57, text and other files. A sample comes with it: open that one.</source>
      <translation>Octavox liest PLY, PCD, LAS, E57, Text und andere Dateien. Ein Beispiel liegt bei: dieses öffnen.</translation>
    </message>
    <message>
      <source>Octree</source>
      <translation>Octree</translation>
    </message>
    <message>
      <source>Of all blocks</source>
      <translation>Von allen Blöcken</translation>
    </message>
    <message>
      <source>Of slices {numbers} each position comes back once; duplicates are lost.</source>
      <translation>Von den Slices {numbers} kommt jede Position einmal zurück; Doppelte sind verloren.</translation>
    </message>
    <message>
      <source>Of the open bitstream</source>
      <translation>Des offenen Bitstroms</translation>
    </message>
    <message>
      <source>Of the second bitstream</source>
      <translation>Des zweiten Bitstroms</translation>
    </message>
    <message>
      <source>One colour, shaded by the surface</source>
      <translation>Eine Farbe, nach der Fläche schattiert</translation>
    </message>
    <message>
      <source>One level less</source>
      <translation>Eine Ebene weniger</translation>
    </message>
    <message>
      <source>One level more</source>
      <translation>Eine Ebene mehr</translation>
    </message>
    <message>
      <source>One view</source>
      <translation>Eine Ansicht</translation>
    </message>
    <message>
      <source>Only</source>
      <translation>Nur</translation>
    </message>
    <message>
      <source>Opacity 100 %</source>
      <translation>Deckkraft 100 %</translation>
    </message>
    <message>
      <source>Opacity 12 %</source>
      <translation>Deckkraft 12 %</translation>
    </message>
    <message>
      <source>Opacity 30 %</source>
      <translation>Deckkraft 30 %</translation>
    </message>
    <message>
      <source>Opacity 60 %</source>
      <translation>Deckkraft 60 %</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Open a cloud</source>
      <translation>Eine Wolke öffnen</translation>
    </message>
    <message>
      <source>Open a cloud to clip it.</source>
      <translation>Öffnen Sie eine Wolke, um sie zuzuschneiden.</translation>
    </message>
    <message>
      <source>Open a cloud to see its facts.</source>
      <translation>Eine Wolke öffnen, um ihre Daten zu sehen.</translation>
    </message>
    <message>
      <source>Open a cloud to see what its points hold.</source>
      <translation>Eine Punktwolke öffnen, um zu sehen, was ihre Punkte enthalten.</translation>
    </message>
    <message>
      <source>Open a cloud to see what to expect.</source>
      <translation>Öffnen Sie eine Wolke, um zu sehen, was zu erwarten ist.</translation>
    </message>
    <message>
      <source>Open a second bitstream of this cloud and list which blocks it spends more or fewer bits on</source>
      <translation>Einen zweiten Bitstrom dieser Wolke öffnen und zeigen, für welche Blöcke er mehr oder weniger Bit braucht</translation>
    </message>
    <message>
      <source>Open all panels</source>
      <translation>Alle Felder öffnen</translation>
    </message>
    <message>
      <source>Open an .ovx of several frames, or several clouds that are the frames of a sequence</source>
      <translation>Eine .ovx-Datei mit mehreren Bildern öffnen oder mehrere Punktwolken, die Bilder einer Sequenz sind</translation>
    </message>
    <message>
      <source>Open folder as sequence</source>
      <translation>Ordner als Sequenz öffnen</translation>
    </message>
    <message>
      <source>Open folder as sequence…</source>
      <translation>Ordner als Sequenz öffnen…</translation>
    </message>
    <message>
      <source>Open point clouds, bitstreams or a session beside what is open</source>
      <translation>Punktwolken, Bitströme oder eine Sitzung öffnen; was offen ist, bleibt offen</translation>
    </message>
    <message>
      <source>Open recent</source>
      <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
      <source>Open results of a batch</source>
      <translation>Ergebnisse eines Stapels öffnen</translation>
    </message>
    <message>
      <source>Open sample</source>
      <translation>Beispiel öffnen</translation>
    </message>
    <message>
      <source>Open second sequence (B)</source>
      <translation>Zweite Sequenz (B) öffnen</translation>
    </message>
    <message>
      <source>Open second sequence (B)…</source>
      <translation>Zweite Sequenz (B) öffnen…</translation>
    </message>
    <message>
      <source>Open sequence</source>
      <translation>Sequenz öffnen</translation>
    </message>
    <message>
      <source>Open sequence…</source>
      <translation>Sequenz öffnen…</translation>
    </message>
    <message>
      <source>Open session</source>
      <translation>Sitzung öffnen</translation>
    </message>
    <message>
      <source>Open session…</source>
      <translation>Sitzung öffnen …</translation>
    </message>
    <message>
      <source>Open the bundled sample cloud</source>
      <translation>Die beiliegende Beispielwolke öffnen</translation>
    </message>
    <message>
      <source>Open the clouds of a folder as the frames of a sequence, in the order of the numbers in their names</source>
      <translation>Die Punktwolken eines Ordners als Bilder einer Sequenz öffnen, in der Reihenfolge der Nummern in ihren Namen</translation>
    </message>
    <message>
      <source>Open the files of a session and show them as they were shown</source>
      <translation>Die Dateien einer Sitzung öffnen und so zeigen, wie sie gezeigt wurden</translation>
    </message>
    <message>
      <source>Open the table of octavox batch: sort it, plot rate, time and distortion, export both</source>
      <translation>Die Tabelle von octavox batch öffnen: sie sortieren, Rate, Zeit und Verzerrung darstellen, beides exportieren</translation>
    </message>
    <message>
      <source>Open what is whole</source>
      <translation>Unbeschädigtes öffnen</translation>
    </message>
    <message>
      <source>Opened {name}: {cells} cells of {n} voxels in {time}; look closer for finer ones</source>
      <translation>{name} geöffnet: {cells} Zellen von {n} Voxeln in {time}; aus der Nähe sind sie feiner</translation>
    </message>
    <message>
      <source>Opened {name}: {n} frame in {time}</source>
      <translation>{name} geöffnet: {n} Bild in {time}</translation>
    </message>
    <message>
      <source>Opened {name}: {n} frames in {time}</source>
      <translation>{name} geöffnet: {n} Bilder in {time}</translation>
    </message>
    <message>
      <source>Opened {name}: {n} of {all} points in {time}; look closer for more</source>
      <translation>{name} geöffnet: {n} von {all} Punkten in {time}; aus der Nähe sind es mehr</translation>
    </message>
    <message>
      <source>Opened {name}: {n} point in {time}</source>
      <translation>{name} geöffnet: {n} Punkt in {time}</translation>
    </message>
    <message>
      <source>Opened {name}: {n} points in {time}</source>
      <translation>{name} geöffnet: {n} Punkte in {time}</translation>
    </message>
    <message>
      <source>Opened {n} clouds</source>
      <translation>{n} Wolken geöffnet</translation>
    </message>
    <message>
      <source>Opening the sample</source>
      <translation>Öffnen des Beispiels</translation>
    </message>
    <message>
      <source>Opening what is whole of {name}</source>
      <translation>Unbeschädigtes von {name} öffnen</translation>
    </message>
    <message>
      <source>Opening {name}</source>
      <translation>Öffnen von {name}</translation>
    </message>
    <message>
      <source>Open…</source>
      <translation>Öffnen …</translation>
    </message>
    <message>
      <source>Options</source>
      <translation>Optionen</translation>
    </message>
    <message>
      <source>Options of the codec</source>
      <translation>Optionen des Codecs</translation>
    </message>
    <message>
      <source>Options that differ from their defaults</source>
      <translation>Optionen, die nicht wie üblich sind</translation>
    </message>
    <message>
      <source>Orbit</source>
      <translation>Drehen</translation>
    </message>
    <message>
      <source>Order</source>
      <translation>Reihenfolge</translation>
    </message>
    <message>
      <source>Origin</source>
      <translation>Ursprung</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>Original</translation>
    </message>
    <message>
      <source>Overlaid</source>
      <translation>Übereinander</translation>
    </message>
    <message>
      <source>Own scale for view A</source>
      <translation>Eigene Skala für Ansicht A</translation>
    </message>
    <message>
      <source>Own scale for view B</source>
      <translation>Eigene Skala für Ansicht B</translation>
    </message>
    <message>
      <source>Own scale for view C</source>
      <translation>Eigene Skala für Ansicht C</translation>
    </message>
    <message>
      <source>Own scale for view D</source>
      <translation>Eigene Skala für Ansicht D</translation>
    </message>
    <message>
      <source>Own scale for view {letter}</source>
      <translation>Eigene Skala für Ansicht {letter}</translation>
    </message>
    <message>
      <source>Pan</source>
      <translation>Verschieben</translation>
    </message>
    <message>
      <source>Panels for</source>
      <translation>Felder für</translation>
    </message>
    <message>
      <source>Panels that share this place</source>
      <translation>Felder an diesem Platz</translation>
    </message>
    <message>
      <source>Panels to compare two clouds, or two bitstreams block by block</source>
      <translation>Felder, um zwei Wolken oder zwei Bitströme Block für Block zu vergleichen</translation>
    </message>
    <message>
      <source>Panels to compress: options of the codec, quality, queue</source>
      <translation>Felder zum Komprimieren: Optionen des Codecs, Qualität, Warteschlange</translation>
    </message>
    <message>
      <source>Panels to look at a cloud: what is open, its points and voxels</source>
      <translation>Felder zum Ansehen einer Wolke: was offen ist, ihre Punkte und Voxel</translation>
    </message>
    <message>
      <source>Panels to see what takes the bits: blocks, their histogram, bytes</source>
      <translation>Felder, die zeigen, was die Bits kostet: Blöcke, ihr Histogramm, Bytes</translation>
    </message>
    <message>
      <source>Panels: </source>
      <translation>Felder: </translation>
    </message>
    <message>
      <source>Parallel projection</source>
      <translation>Parallelprojektion</translation>
    </message>
    <message>
      <source>Parts of the bitstream</source>
      <translation>Teile des Bitstroms</translation>
    </message>
    <message>
      <source>Paste camera</source>
      <translation>Kamera einfügen</translation>
    </message>
    <message>
      <source>Peak</source>
      <translation>Spitzenwert</translation>
    </message>
    <message>
      <source>Pick a block</source>
      <translation>Einen Block wählen</translation>
    </message>
    <message>
      <source>Picture</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Picture for a paper…</source>
      <translation>Bild für einen Aufsatz…</translation>
    </message>
    <message>
      <source>Place</source>
      <translation>Ort</translation>
    </message>
    <message>
      <source>Place in coding order</source>
      <translation>Platz in der Kodierreihenfolge</translation>
    </message>
    <message>
      <source>Plain</source>
      <translation>Einfarbig</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Abspielen</translation>
    </message>
    <message>
      <source>Play the decoding block by block, in coding order</source>
      <translation>Das Dekodieren Block für Block in Kodierreihenfolge abspielen</translation>
    </message>
    <message>
      <source>Play the sequence; frames that are not decoded in time are left out</source>
      <translation>Die Sequenz abspielen; Bilder, die nicht rechtzeitig dekodiert sind, werden ausgelassen</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Diagramm</translation>
    </message>
    <message>
      <source>Plot of the block sizes…</source>
      <translation>Diagramm der Blockgrößen …</translation>
    </message>
    <message>
      <source>Plot of the results</source>
      <translation>Diagramm der Ergebnisse</translation>
    </message>
    <message>
      <source>Point clouds</source>
      <translation>Punktwolken</translation>
    </message>
    <message>
      <source>Point size</source>
      <translation>Punktgröße</translation>
    </message>
    <message>
      <source>Point under the cursor</source>
      <translation>Punkt unter dem Mauszeiger</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Punkte</translation>
    </message>
    <message>
      <source>Points by</source>
      <translation>Punkte nach</translation>
    </message>
    <message>
      <source>Points by: {mode}</source>
      <translation>Punkte nach: {mode}</translation>
    </message>
    <message>
      <source>Points drawn evenly from its surface</source>
      <translation>Punkte, gleichmäßig auf der Oberfläche verteilt</translation>
    </message>
    <message>
      <source>Points from disk</source>
      <translation>Punkte von der Festplatte</translation>
    </message>
    <message>
      <source>Points of 1 pixel</source>
      <translation>Punkte von 1 Pixel</translation>
    </message>
    <message>
      <source>Points of 2 pixels</source>
      <translation>Punkte von 2 Pixeln</translation>
    </message>
    <message>
      <source>Points of 3 pixels</source>
      <translation>Punkte von 3 Pixeln</translation>
    </message>
    <message>
      <source>Points of 5 pixels</source>
      <translation>Punkte von 5 Pixeln</translation>
    </message>
    <message>
      <source>Points of 8 pixels</source>
      <translation>Punkte von 8 Pixeln</translation>
    </message>
    <message>
      <source>Points of the file</source>
      <translation>Punkte der Datei</translation>
    </message>
    <message>
      <source>Points off the grid that are lost: {n}.</source>
      <translation>Verlorene Punkte abseits des Rasters: {n}.</translation>
    </message>
    <message>
      <source>Points per block</source>
      <translation>Punkte je Block</translation>
    </message>
    <message>
      <source>Points take the colour of their block</source>
      <translation>Punkte nehmen die Farbe ihres Blocks an</translation>
    </message>
    <message>
      <source>Points: </source>
      <translation>Punkte: </translation>
    </message>
    <message>
      <source>Previous</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Previous frame</source>
      <translation>Voriges Bild</translation>
    </message>
    <message>
      <source>Previous most expensive block</source>
      <translation>Voriger teuerster Block</translation>
    </message>
    <message>
      <source>Probability</source>
      <translation>Wahrscheinlichkeit</translation>
    </message>
    <message>
      <source>Probability that the codec gave to “occupied”</source>
      <translation>Wahrscheinlichkeit, die der Codec für „belegt“ vergab</translation>
    </message>
    <message>
      <source>Processors</source>
      <translation>Prozessoren</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>Fortschritt</translation>
    </message>
    <message>
      <source>Properties</source>
      <translation>Eigenschaften</translation>
    </message>
    <message>
      <source>Properties of the points</source>
      <translation>Eigenschaften der Punkte</translation>
    </message>
    <message>
      <source>Property</source>
      <translation>Eigenschaft</translation>
    </message>
    <message>
      <source>Put all panels back in their places</source>
      <translation>Alle Felder an ihre Plätze zurücksetzen</translation>
    </message>
    <message>
      <source>Put the camera onto the clipboard as text, for another window or a note</source>
      <translation>Die Kamera als Text in die Zwischenablage legen, für ein anderes Fenster oder eine Notiz</translation>
    </message>
    <message>
      <source>Put the command that does the same on the clipboard</source>
      <translation>Den Befehl, der dasselbe tut, in die Zwischenablage legen</translation>
    </message>
    <message>
      <source>Quality</source>
      <translation>Qualität</translation>
    </message>
    <message>
      <source>Queue</source>
      <translation>Warteschlange</translation>
    </message>
    <message>
      <source>Queue files…</source>
      <translation>Dateien einreihen …</translation>
    </message>
    <message>
      <source>Queue of files</source>
      <translation>Warteschlange der Dateien</translation>
    </message>
    <message>
      <source>Queue this cloud</source>
      <translation>Diese Wolke einreihen</translation>
    </message>
    <message>
      <source>Queue: {name}</source>
      <translation>Warteschlange: {name}</translation>
    </message>
    <message>
      <source>Quit</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>Bereich</translation>
    </message>
    <message>
      <source>Ranges are those of the points that are shown; most points of this cloud stay on disk.</source>
      <translation>Die Bereiche sind die der gezeigten Punkte; die meisten Punkte dieser Wolke bleiben auf der Festplatte.</translation>
    </message>
    <message>
      <source>Rank by cost</source>
      <translation>Rang nach Kosten</translation>
    </message>
    <message>
      <source>Rate</source>
      <translation>Rate</translation>
    </message>
    <message>
      <source>Rate and depth</source>
      <translation>Rate und Tiefe</translation>
    </message>
    <message>
      <source>Rate and distortion</source>
      <translation>Rate und Verzerrung</translation>
    </message>
    <message>
      <source>Rate and time</source>
      <translation>Rate und Zeit</translation>
    </message>
    <message>
      <source>Rate per voxel and depth</source>
      <translation>Rate je Voxel und Tiefe</translation>
    </message>
    <message>
      <source>Rates</source>
      <translation>Raten</translation>
    </message>
    <message>
      <source>Rates by codec and depth…</source>
      <translation>Raten nach Codec und Tiefe …</translation>
    </message>
    <message>
      <source>Rates of this cloud</source>
      <translation>Raten dieser Wolke</translation>
    </message>
    <message>
      <source>Rates: {name}</source>
      <translation>Raten: {name}</translation>
    </message>
    <message>
      <source>Rates…</source>
      <translation>Raten …</translation>
    </message>
    <message>
      <source>Raw size</source>
      <translation>Rohgröße</translation>
    </message>
    <message>
      <source>Read as</source>
      <translation>Gelesen als</translation>
    </message>
    <message>
      <source>Read {n} blocks of {name}</source>
      <translation>{n} Blöcke von {name} gelesen</translation>
    </message>
    <message>
      <source>Read {rows} of {name}</source>
      <translation>{rows} von {name} gelesen</translation>
    </message>
    <message>
      <source>Reading {name}</source>
      <translation>Lesen von {name}</translation>
    </message>
    <message>
      <source>Ready</source>
      <translation>Bereit</translation>
    </message>
    <message>
      <source>Reason</source>
      <translation>Grund</translation>
    </message>
    <message>
      <source>Recent</source>
      <translation>Zuletzt</translation>
    </message>
    <message>
      <source>Records</source>
      <translation>Punkte</translation>
    </message>
    <message>
      <source>Redo</source>
      <translation>Wiederholen</translation>
    </message>
    <message>
      <source>Remainders</source>
      <translation>Reste</translation>
    </message>
    <message>
      <source>Remarks</source>
      <translation>Bemerkungen</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Remove the selected file from the queue; cancel it if it is being compressed</source>
      <translation>Die gewählte Datei aus der Warteschlange entfernen; abbrechen, falls sie gerade komprimiert wird</translation>
    </message>
    <message>
      <source>Remove {name}</source>
      <translation>{name} entfernen</translation>
    </message>
    <message>
      <source>Removed {name}</source>
      <translation>{name} entfernt</translation>
    </message>
    <message>
      <source>Rename</source>
      <translation>Umbenennen</translation>
    </message>
    <message>
      <source>Renderer</source>
      <translation>Renderer</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <source>Reset layout</source>
      <translation>Anordnung zurücksetzen</translation>
    </message>
    <message>
      <source>Rest of the file</source>
      <translation>Rest der Datei</translation>
    </message>
    <message>
      <source>Restore</source>
      <translation>Wiederherstellen</translation>
    </message>
    <message>
      <source>Restoring the session</source>
      <translation>Wiederherstellen der Sitzung</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>Ergebnis</translation>
    </message>
    <message>
      <source>Results of a batch</source>
      <translation>Ergebnisse eines Stapels</translation>
    </message>
    <message>
      <source>Results of a batch: {name}</source>
      <translation>Ergebnisse eines Stapels: {name}</translation>
    </message>
    <message>
      <source>Results of a batch…</source>
      <translation>Ergebnisse eines Stapels …</translation>
    </message>
    <message>
      <source>Right</source>
      <translation>Rechts</translation>
    </message>
    <message>
      <source>SHA-256 A</source>
      <translation>SHA-256 A</translation>
    </message>
    <message>
      <source>SHA-256 B</source>
      <translation>SHA-256 B</translation>
    </message>
    <message>
      <source>Save</source>
      <translation>Speichern</translation>
    </message>
    <message>
      <source>Save a video of all frames at the pace at which they are played: OGV, WebP, GIF, or MP4, which needs PyAV (pip install 'octavox[video]')</source>
      <translation>Ein Video aller Bilder im Takt des Abspielens speichern: OGV, WebP, GIF oder MP4, das PyAV braucht (pip install 'octavox[video]')</translation>
    </message>
    <message>
      <source>Save a video of one turn around the cloud: OGV, WebP, GIF, or MP4, which needs PyAV (pip install 'octavox[video]')</source>
      <translation>Ein Video einer Drehung um die Wolke speichern: OGV, WebP, GIF oder MP4, das PyAV braucht (pip install 'octavox[video]')</translation>
    </message>
    <message>
      <source>Save bitstream…</source>
      <translation>Bitstrom speichern …</translation>
    </message>
    <message>
      <source>Save compressed sequence</source>
      <translation>Komprimierte Sequenz speichern</translation>
    </message>
    <message>
      <source>Save session</source>
      <translation>Sitzung speichern</translation>
    </message>
    <message>
      <source>Save session…</source>
      <translation>Sitzung speichern …</translation>
    </message>
    <message>
      <source>Save the bitstream, export the blocks or a picture, or copy the command line that does the same.</source>
      <translation>Den Bitstrom speichern, die Blöcke oder ein Bild exportieren oder die Befehlszeile kopieren, die dasselbe tut.</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 1</source>
      <translation>Die Kamera als Lesezeichen 1 speichern</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 2</source>
      <translation>Die Kamera als Lesezeichen 2 speichern</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 3</source>
      <translation>Die Kamera als Lesezeichen 3 speichern</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 4</source>
      <translation>Die Kamera als Lesezeichen 4 speichern</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 5</source>
      <translation>Die Kamera als Lesezeichen 5 speichern</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 6</source>
      <translation>Die Kamera als Lesezeichen 6 speichern</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 7</source>
      <translation>Die Kamera als Lesezeichen 7 speichern</translation>
    </message>
    <message>
      <source>Save the camera as bookmark 8</source>
      <translation>Die Kamera als Lesezeichen 8 speichern</translation>
    </message>
    <message>
      <source>Save the compressed cloud as .ovx</source>
      <translation>Die komprimierte Wolke als .ovx speichern</translation>
    </message>
    <message>
      <source>Save the results</source>
      <translation>Die Ergebnisse speichern</translation>
    </message>
    <message>
      <source>Save the shares of blocks, points and bits by block size (PNG, SVG, PDF), as the paper's Figure 4</source>
      <translation>Die Anteile von Blöcken, Punkten und Bits je Blockgröße speichern (PNG, SVG, PDF), wie in Abbildung 4 des Aufsatzes</translation>
    </message>
    <message>
      <source>Save the views alone, on white or transparent, with legend and marks as you choose</source>
      <translation>Die Ansichten allein speichern, auf Weiß oder durchsichtig, mit Legende und Marken nach Wahl</translation>
    </message>
    <message>
      <source>Save the views at three times the screen's resolution as PNG</source>
      <translation>Die Ansichten mit dreifacher Bildschirmauflösung als PNG speichern</translation>
    </message>
    <message>
      <source>Save the views with their legend as PNG</source>
      <translation>Die Ansichten mit ihrer Legende als PNG speichern</translation>
    </message>
    <message>
      <source>Save video</source>
      <translation>Video speichern</translation>
    </message>
    <message>
      <source>Save which files are open, the view, the bookmarks and the options</source>
      <translation>Speichern, welche Dateien offen sind, die Ansicht, die Lesezeichen und die Optionen</translation>
    </message>
    <message>
      <source>Save {kind}</source>
      <translation>{kind} speichern</translation>
    </message>
    <message>
      <source>Saved</source>
      <translation>Gespart</translation>
    </message>
    <message>
      <source>Saved {path}</source>
      <translation>{path} gespeichert</translation>
    </message>
    <message>
      <source>Saved {path} ({size})</source>
      <translation>{path} gespeichert ({size})</translation>
    </message>
    <message>
      <source>Save…</source>
      <translation>Speichern …</translation>
    </message>
    <message>
      <source>Saving {name}</source>
      <translation>Speichern von {name}</translation>
    </message>
    <message>
      <source>Scale bar</source>
      <translation>Maßstab</translation>
    </message>
    <message>
      <source>Scale: {title}</source>
      <translation>Skala: {title}</translation>
    </message>
    <message>
      <source>Scales</source>
      <translation>Skalen</translation>
    </message>
    <message>
      <source>Scene</source>
      <translation>Szene</translation>
    </message>
    <message>
      <source>Screen</source>
      <translation>Bildschirm</translation>
    </message>
    <message>
      <source>Screenshot…</source>
      <translation>Bildschirmfoto …</translation>
    </message>
    <message>
      <source>Search all actions and run one</source>
      <translation>Alle Aktionen durchsuchen und eine ausführen</translation>
    </message>
    <message>
      <source>Seconds</source>
      <translation>Sekunden</translation>
    </message>
    <message>
      <source>Seconds of compressing for a million points</source>
      <translation>Sekunden für das Komprimieren von einer Million Punkten</translation>
    </message>
    <message>
      <source>Seconds of compressing for a million voxels</source>
      <translation>Sekunden des Komprimierens für eine Million Voxel</translation>
    </message>
    <message>
      <source>Seconds of decompressing for a million points</source>
      <translation>Sekunden für das Dekomprimieren von einer Million Punkten</translation>
    </message>
    <message>
      <source>Section table</source>
      <translation>Abschnittstabelle</translation>
    </message>
    <message>
      <source>See how a learned codec cuts a point cloud into blocks and where every bit goes.</source>
      <translation>Sehen, wie ein gelernter Codec eine Punktwolke in Blöcke zerlegt und wohin jedes Bit geht.</translation>
    </message>
    <message>
      <source>Select a block and switch on Surprise (Shift+S). The surprise of a voxel is its cost in bits: -log2 of the probability that the codec gave to its state, occupied or empty.</source>
      <translation>Einen Block wählen und Überraschung einschalten (Umschalt+S). Die Überraschung eines Voxels sind seine Kosten in Bit: -log2 der Wahrscheinlichkeit, die der Codec seinem Zustand gab, belegt oder leer.</translation>
    </message>
    <message>
      <source>Select no block</source>
      <translation>Keinen Block wählen</translation>
    </message>
    <message>
      <source>Select the block that costs the most bits and look at it; the most bpov or surprise, if that colours the blocks; means are of blocks of 50 points or more</source>
      <translation>Den Block wählen, der die meisten Bits kostet, und ihn ansehen; den mit den meisten bpov oder der größten Überraschung, wenn das die Blöcke färbt; Mittel gelten für Blöcke ab 50 Punkten</translation>
    </message>
    <message>
      <source>Select the block that costs the next fewer bits</source>
      <translation>Den nächstbilligeren Block wählen</translation>
    </message>
    <message>
      <source>Session</source>
      <translation>Sitzung</translation>
    </message>
    <message>
      <source>Set bookmark 1</source>
      <translation>Lesezeichen 1 setzen</translation>
    </message>
    <message>
      <source>Set bookmark 2</source>
      <translation>Lesezeichen 2 setzen</translation>
    </message>
    <message>
      <source>Set bookmark 3</source>
      <translation>Lesezeichen 3 setzen</translation>
    </message>
    <message>
      <source>Set bookmark 4</source>
      <translation>Lesezeichen 4 setzen</translation>
    </message>
    <message>
      <source>Set bookmark 5</source>
      <translation>Lesezeichen 5 setzen</translation>
    </message>
    <message>
      <source>Set bookmark 6</source>
      <translation>Lesezeichen 6 setzen</translation>
    </message>
    <message>
      <source>Set bookmark 7</source>
      <translation>Lesezeichen 7 setzen</translation>
    </message>
    <message>
      <source>Set bookmark 8</source>
      <translation>Lesezeichen 8 setzen</translation>
    </message>
    <message>
      <source>Set the centre of rotation</source>
      <translation>Das Drehzentrum setzen</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Shade surfaces</source>
      <translation>Flächen schattieren</translation>
    </message>
    <message>
      <source>Share a voxel</source>
      <translation>Teilen ein Voxel</translation>
    </message>
    <message>
      <source>Share of flags</source>
      <translation>Anteil der Flags</translation>
    </message>
    <message>
      <source>Shared scale</source>
      <translation>Gemeinsame Skala</translation>
    </message>
    <message>
      <source>Shift or middle drag</source>
      <translation>Umschalt- oder Mittelziehen</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <source>Show a length at the centre of rotation</source>
      <translation>Eine Länge am Drehzentrum zeigen</translation>
    </message>
    <message>
      <source>Show all blocks again</source>
      <translation>Wieder alle Blöcke zeigen</translation>
    </message>
    <message>
      <source>Show as {view}</source>
      <translation>Als {view} zeigen</translation>
    </message>
    <message>
      <source>Show blocks</source>
      <translation>Blöcke zeigen</translation>
    </message>
    <message>
      <source>Show both clouds beside each other, cameras linked</source>
      <translation>Beide Wolken nebeneinander zeigen, Kameras gekoppelt</translation>
    </message>
    <message>
      <source>Show both clouds in one view; highlight points that only one of them has</source>
      <translation>Beide Wolken in einer Ansicht zeigen; Punkte hervorheben, die nur eine hat</translation>
    </message>
    <message>
      <source>Show decoded (B)</source>
      <translation>Dekodierte zeigen (B)</translation>
    </message>
    <message>
      <source>Show equal lengths equally long at every distance (orthographic)</source>
      <translation>Gleiche Längen in jeder Entfernung gleich lang zeigen (orthografisch)</translation>
    </message>
    <message>
      <source>Show levels</source>
      <translation>Ebenen zeigen</translation>
    </message>
    <message>
      <source>Show me</source>
      <translation>Zeig es mir</translation>
    </message>
    <message>
      <source>Show one layer of voxels across x; the panel Clip moves it</source>
      <translation>Eine Schicht von Voxeln quer zu x zeigen; das Feld Zuschnitt verschiebt sie</translation>
    </message>
    <message>
      <source>Show one layer of voxels across y; the panel Clip moves it</source>
      <translation>Eine Schicht von Voxeln quer zu y zeigen; das Feld Zuschnitt verschiebt sie</translation>
    </message>
    <message>
      <source>Show one layer of voxels across z; the panel Clip moves it</source>
      <translation>Eine Schicht von Voxeln quer zu z zeigen; das Feld Zuschnitt verschiebt sie</translation>
    </message>
    <message>
      <source>Show one layer of voxels across {axis}; the slider moves it</source>
      <translation>Eine Schicht von Voxeln quer zu {axis} zeigen; der Regler verschiebt sie</translation>
    </message>
    <message>
      <source>Show or hide the left view</source>
      <translation>Die linke Ansicht zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show or hide the outlines of blocks of 16 voxels</source>
      <translation>Die Umrisse der Blöcke von 16 Voxeln zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show or hide the outlines of blocks of 32 voxels</source>
      <translation>Die Umrisse der Blöcke von 32 Voxeln zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show or hide the outlines of blocks of 4 voxels</source>
      <translation>Die Umrisse der Blöcke von 4 Voxeln zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show or hide the outlines of blocks of 64 voxels</source>
      <translation>Die Umrisse der Blöcke von 64 Voxeln zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show or hide the outlines of blocks of 8 voxels</source>
      <translation>Die Umrisse der Blöcke von 8 Voxeln zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show or hide the outlines of the blocks</source>
      <translation>Die Umrisse der Blöcke zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show or hide the right view</source>
      <translation>Die rechte Ansicht zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show original (A)</source>
      <translation>Original zeigen (A)</translation>
    </message>
    <message>
      <source>Show the axes in the corner</source>
      <translation>Die Achsen in der Ecke zeigen</translation>
    </message>
    <message>
      <source>Show the box around the cloud and its extent</source>
      <translation>Den Quader um die Wolke und ihre Ausdehnung zeigen</translation>
    </message>
    <message>
      <source>Show the cloud of one octree level less of the bitstream; only what that takes is read</source>
      <translation>Die Wolke aus einer Octree-Ebene weniger des Bitstroms zeigen; nur was dazu nötig ist, wird gelesen</translation>
    </message>
    <message>
      <source>Show the cloud of one octree level more of the bitstream</source>
      <translation>Die Wolke aus einer Octree-Ebene mehr des Bitstroms zeigen</translation>
    </message>
    <message>
      <source>Show the first frame</source>
      <translation>Das erste Bild zeigen</translation>
    </message>
    <message>
      <source>Show the frame before</source>
      <translation>Das Bild davor zeigen</translation>
    </message>
    <message>
      <source>Show the frames of a second sequence beside those of the first</source>
      <translation>Die Bilder einer zweiten Sequenz neben denen der ersten zeigen</translation>
    </message>
    <message>
      <source>Show the last frame</source>
      <translation>Das letzte Bild zeigen</translation>
    </message>
    <message>
      <source>Show the next frame</source>
      <translation>Das nächste Bild zeigen</translation>
    </message>
    <message>
      <source>Show the selected block alone</source>
      <translation>Den gewählten Block allein zeigen</translation>
    </message>
    <message>
      <source>Show the whole cloud</source>
      <translation>Die ganze Wolke zeigen</translation>
    </message>
    <message>
      <source>Show two clouds as A and B: any two, or a cloud and what its bitstream decodes to.</source>
      <translation>Zwei Wolken als A und B zeigen: zwei beliebige, oder eine Wolke und was ihr Bitstrom ergibt.</translation>
    </message>
    <message>
      <source>Show two views beside each other</source>
      <translation>Zwei Ansichten nebeneinander zeigen</translation>
    </message>
    <message>
      <source>Show up to four views; free ones get clouds that no view shows</source>
      <translation>Bis zu vier Ansichten zeigen; freie bekommen Wolken, die keine Ansicht zeigt</translation>
    </message>
    <message>
      <source>Show view A alone, or the first one that is switched on</source>
      <translation>Nur Ansicht A zeigen, oder die erste, die eingeschaltet ist</translation>
    </message>
    <message>
      <source>Show what each voxel of the selected block cost: -log2 of the probability the codec gave it</source>
      <translation>Zeigen, was jedes Voxel des gewählten Blocks gekostet hat: -log2 der Wahrscheinlichkeit, die der Codec ihm gab</translation>
    </message>
    <message>
      <source>Show where the point under the cursor lies and what it holds</source>
      <translation>Zeigen, wo der Punkt unter dem Mauszeiger liegt und was er enthält</translation>
    </message>
    <message>
      <source>Show {name}</source>
      <translation>{name} zeigen</translation>
    </message>
    <message>
      <source>Showing {name}</source>
      <translation>Zeigen von {name}</translation>
    </message>
    <message>
      <source>Showing {n} cells of {all} voxels, at most {most}</source>
      <translation>{n} Zellen von {all} Voxeln gezeigt, höchstens {most}</translation>
    </message>
    <message>
      <source>Showing {n} of {all} points, at most {most}</source>
      <translation>{n} von {all} Punkten gezeigt, höchstens {most}</translation>
    </message>
    <message>
      <source>Shown</source>
      <translation>Gezeigt</translation>
    </message>
    <message>
      <source>Shows and losslessly compresses voxelized 3D point clouds.</source>
      <translation>Zeigt und komprimiert voxelisierte 3D-Punktwolken verlustfrei.</translation>
    </message>
    <message>
      <source>Side by side</source>
      <translation>Nebeneinander</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>Size of the bitstream</source>
      <translation>Größe des Bitstroms</translation>
    </message>
    <message>
      <source>Size of the blocks that bits are counted by; the bytes are the same</source>
      <translation>Größe der Blöcke, nach denen die Bits gezählt werden; die Bytes sind dieselben</translation>
    </message>
    <message>
      <source>Size: </source>
      <translation>Größe: </translation>
    </message>
    <message>
      <source>Slice</source>
      <translation>Slice</translation>
    </message>
    <message>
      <source>Slice across x</source>
      <translation>Schnitt quer zu x</translation>
    </message>
    <message>
      <source>Slice across y</source>
      <translation>Schnitt quer zu y</translation>
    </message>
    <message>
      <source>Slice across z</source>
      <translation>Schnitt quer zu z</translation>
    </message>
    <message>
      <source>Slice {n} lay between {low} and {high}.</source>
      <translation>Slice {n} lag zwischen {low} und {high}.</translation>
    </message>
    <message>
      <source>Slices</source>
      <translation>Slices</translation>
    </message>
    <message>
      <source>Slices that the cloud is cut into; as many processors code them at once, for some bytes more. Automatic: by its points</source>
      <translation>Scheiben (Slices), in die die Wolke zerlegt wird; ebenso viele Prozessoren kodieren sie zugleich, für etwas mehr Bytes. Automatisch: nach ihren Punkten</translation>
    </message>
    <message>
      <source>Small</source>
      <translation>Klein</translation>
    </message>
    <message>
      <source>Standard</source>
      <translation>Standard</translation>
    </message>
    <message>
      <source>State</source>
      <translation>Stand</translation>
    </message>
    <message>
      <source>Step {n} of {all}</source>
      <translation>Schritt {n} von {all}</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Stop the running job</source>
      <translation>Den laufenden Auftrag anhalten</translation>
    </message>
    <message>
      <source>Strays</source>
      <translation>Streupunkte</translation>
    </message>
    <message>
      <source>Surprise</source>
      <translation>Überraschung</translation>
    </message>
    <message>
      <source>Surprise of the colour</source>
      <translation>Überraschung der Farbe</translation>
    </message>
    <message>
      <source>Surprise of {name}</source>
      <translation>Überraschung: {name}</translation>
    </message>
    <message>
      <source>Swap A and B</source>
      <translation>A und B tauschen</translation>
    </message>
    <message>
      <source>Switch to the dark theme</source>
      <translation>Zum dunklen Thema wechseln</translation>
    </message>
    <message>
      <source>Switch to the light theme</source>
      <translation>Zum hellen Thema wechseln</translation>
    </message>
    <message>
      <source>System</source>
      <translation>System</translation>
    </message>
    <message>
      <source>System report</source>
      <translation>Systembericht</translation>
    </message>
    <message>
      <source>Table of the blocks</source>
      <translation>Tabelle der Blöcke</translation>
    </message>
    <message>
      <source>Table of the results</source>
      <translation>Tabelle der Ergebnisse</translation>
    </message>
    <message>
      <source>Termination</source>
      <translation>Abschluss</translation>
    </message>
    <message>
      <source>Terrain</source>
      <translation>Gelände</translation>
    </message>
    <message>
      <source>The archived file does not come back, only points of it.</source>
      <translation>Die archivierte Datei kommt nicht zurück, nur Punkte daraus.</translation>
    </message>
    <message>
      <source>The bitstream is decoded beside the original, and both are compared: every point, every property.</source>
      <translation>Der Bitstrom wird neben dem Original dekodiert, und beide werden verglichen: jeder Punkt, jede Eigenschaft.</translation>
    </message>
    <message>
      <source>The bitstream of {name} is not saved.</source>
      <translation>Der Bitstrom von {name} ist nicht gespeichert.</translation>
    </message>
    <message>
      <source>The clipboard holds no camera</source>
      <translation>Die Zwischenablage enthält keine Kamera</translation>
    </message>
    <message>
      <source>The cloud's own colours</source>
      <translation>Die eigenen Farben der Wolke</translation>
    </message>
    <message>
      <source>The codec cuts the cloud into blocks and codes them. Each block is coloured as soon as it is coded.</source>
      <translation>Der Codec zerlegt die Wolke in Blöcke und kodiert sie. Jeder Block wird gefärbt, sobald er kodiert ist.</translation>
    </message>
    <message>
      <source>The coordinates lie on no grid that keeps them, so the points move to voxels: {depth} bits per axis, voxel size {size}. They move by up to {most}, {mean} on average, in units of the file; {merged} merge with others.</source>
      <translation>Kein Gitter erhält die Koordinaten, daher rücken die Punkte auf Voxel: {depth} Bit je Achse, Voxelgröße {size}. Sie werden um höchstens {most} verschoben, im Mittel um {mean}, in Einheiten der Datei; {merged} verschmelzen mit anderen.</translation>
    </message>
    <message>
      <source>The end of the bitstream is missing.</source>
      <translation>Das Ende des Bitstroms fehlt.</translation>
    </message>
    <message>
      <source>The file has several clouds, the frames of a sequence. Open it alone: File, Open sequence…</source>
      <translation>Die Datei enthält mehrere Punktwolken, die Bilder einer Sequenz. Allein öffnen: Datei, Sequenz öffnen…</translation>
    </message>
    <message>
      <source>The file is damaged, cut off, or no Octavox bitstream. Copy it again from its source; if you have the original cloud, compress it anew.</source>
      <translation>Die Datei ist beschädigt, abgeschnitten oder kein Octavox-Bitstrom. Noch einmal von der Quelle kopieren; wenn die Originalwolke vorliegt, neu komprimieren.</translation>
    </message>
    <message>
      <source>The file was moved or deleted. Open it from its new place.</source>
      <translation>Die Datei wurde verschoben oder gelöscht. Am neuen Ort öffnen.</translation>
    </message>
    <message>
      <source>The file was written by a newer release. Update Octavox, then open it again.</source>
      <translation>Die Datei stammt von einer neueren Version. Octavox aktualisieren, dann noch einmal öffnen.</translation>
    </message>
    <message>
      <source>The inspector shows the block's bits, slice and bytes; for VoxelDNN also other sizes' costs.</source>
      <translation>Der Inspektor zeigt Bits, Slice und Bytes des Blocks; bei VoxelDNN auch die Kosten anderer Größen.</translation>
    </message>
    <message>
      <source>The points of this cloud have no properties beside their coordinates.</source>
      <translation>Die Punkte dieser Wolke haben außer ihren Koordinaten keine Eigenschaften.</translation>
    </message>
    <message>
      <source>The properties of the points, and what each took. A click on a row colours the points by it.</source>
      <translation>Die Eigenschaften der Punkte und was jede gekostet hat. Ein Klick auf eine Zeile färbt die Punkte danach.</translation>
    </message>
    <message>
      <source>The same as a share of A</source>
      <translation>Dasselbe als Anteil von A</translation>
    </message>
    <message>
      <source>The session is restored</source>
      <translation>Die Sitzung ist wiederhergestellt</translation>
    </message>
    <message>
      <source>The slider has the decoder guess the finest levels, and says what to expect. The curve shows size and quality of several choices.</source>
      <translation>Der Regler lässt den Decoder die feinsten Ebenen raten und sagt, was zu erwarten ist. Die Kurve zeigt Größe und Qualität mehrerer Einstellungen.</translation>
    </message>
    <message>
      <source>The surprise of all blocks is being computed first</source>
      <translation>Zuerst wird die Überraschung aller Blöcke berechnet</translation>
    </message>
    <message>
      <source>The vertices of the mesh, as they are</source>
      <translation>Die Eckpunkte des Netzes, wie sie sind</translation>
    </message>
    <message>
      <source>The video was cancelled; no file was written</source>
      <translation>Das Video wurde abgebrochen; es wurde keine Datei geschrieben</translation>
    </message>
    <message>
      <source>There is no bitstream yet: compress the cloud or open one.</source>
      <translation>Es gibt noch keinen Bitstrom: Komprimieren Sie die Wolke oder öffnen Sie einen.</translation>
    </message>
    <message>
      <source>These are too many names.</source>
      <translation>Das sind zu viele Namen.</translation>
    </message>
    <message>
      <source>These files could not be opened: {names}</source>
      <translation>Diese Dateien konnten nicht geöffnet werden: {names}</translation>
    </message>
    <message>
      <source>They are shown. To keep them: File, Export, Export cloud…</source>
      <translation>Sie werden gezeigt. Zum Behalten: Datei, Exportieren, Wolke exportieren …</translation>
    </message>
    <message>
      <source>This bitstream has no levels that could be shown alone.</source>
      <translation>Dieser Bitstrom hat keine Ebenen, die sich allein zeigen lassen.</translation>
    </message>
    <message>
      <source>This cloud</source>
      <translation>Diese</translation>
    </message>
    <message>
      <source>This cloud holds no points.</source>
      <translation>Diese Wolke enthält keine Punkte.</translation>
    </message>
    <message>
      <source>Time of compressing</source>
      <translation>Zeit des Komprimierens</translation>
    </message>
    <message>
      <source>Timeline</source>
      <translation>Zeitleiste</translation>
    </message>
    <message>
      <source>To</source>
      <translation>Bis</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Werkzeuge</translation>
    </message>
    <message>
      <source>Top</source>
      <translation>Oben</translation>
    </message>
    <message>
      <source>Total</source>
      <translation>Zusammen</translation>
    </message>
    <message>
      <source>Total bits</source>
      <translation>Bits zusammen</translation>
    </message>
    <message>
      <source>Tour</source>
      <translation>Rundgang</translation>
    </message>
    <message>
      <source>Transparent</source>
      <translation>Durchsichtig</translation>
    </message>
    <message>
      <source>Tree and partition flags: part of the bits</source>
      <translation>Baum- und Partitionsflags: ein Teil der Bits</translation>
    </message>
    <message>
      <source>Turntable video…</source>
      <translation>Drehvideo …</translation>
    </message>
    <message>
      <source>Twelve steps from a sample to its most expensive block and its quality</source>
      <translation>Zwölf Schritte von einem Beispiel zu seinem teuersten Block und seiner Qualität</translation>
    </message>
    <message>
      <source>Two views</source>
      <translation>Zwei Ansichten</translation>
    </message>
    <message>
      <source>Type</source>
      <translation>Typ</translation>
    </message>
    <message>
      <source>Type a few letters of an action</source>
      <translation>Ein paar Buchstaben einer Aktion tippen</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Rückgängig</translation>
    </message>
    <message>
      <source>Verify</source>
      <translation>Prüfen</translation>
    </message>
    <message>
      <source>Version and what this program does</source>
      <translation>Version und was dieses Programm tut</translation>
    </message>
    <message>
      <source>Versions, device and renderer, to copy</source>
      <translation>Versionen, Gerät und Renderer, zum Kopieren</translation>
    </message>
    <message>
      <source>Video</source>
      <translation>Video</translation>
    </message>
    <message>
      <source>Video of the sequence…</source>
      <translation>Video der Sequenz …</translation>
    </message>
    <message>
      <source>View</source>
      <translation>Ansicht</translation>
    </message>
    <message>
      <source>Viridis</source>
      <translation>Viridis</translation>
    </message>
    <message>
      <source>Voxel coordinate</source>
      <translation>Voxelkoordinate</translation>
    </message>
    <message>
      <source>Voxel size</source>
      <translation>Voxelgröße</translation>
    </message>
    <message>
      <source>VoxelDNN</source>
      <translation>VoxelDNN</translation>
    </message>
    <message>
      <source>Voxels</source>
      <translation>Voxel</translation>
    </message>
    <message>
      <source>Voxels of the bitstream</source>
      <translation>Voxel des Bitstroms</translation>
    </message>
    <message>
      <source>Voxels of the original</source>
      <translation>Voxel des Originals</translation>
    </message>
    <message>
      <source>Voxels of the selected block</source>
      <translation>Voxel des gewählten Blocks</translation>
    </message>
    <message>
      <source>Voxels shown</source>
      <translation>Gezeigte Voxel</translation>
    </message>
    <message>
      <source>What colours the blocks</source>
      <translation>Was die Blöcke färbt</translation>
    </message>
    <message>
      <source>What colours the points</source>
      <translation>Was die Punkte färbt</translation>
    </message>
    <message>
      <source>What comes back: file, the file to the byte; records, every point with every property, to the last bit; voxels, the occupied voxels of a grid. Automatic: records, unless a depth or a voxel size is given</source>
      <translation>Was zurückkommt: Datei, die Datei Byte für Byte; Punkte, jeder Punkt mit jeder Eigenschaft, bis aufs letzte Bit; Voxel, die belegten Voxel eines Gitters. Automatisch: Punkte, wenn weder Tiefe noch Voxelgröße angegeben ist</translation>
    </message>
    <message>
      <source>What is not finished is lost; files that are there already stay.</source>
      <translation>Was nicht fertig ist, geht verloren; Dateien, die schon da sind, bleiben.</translation>
    </message>
    <message>
      <source>What the plot shows</source>
      <translation>Was das Diagramm zeigt</translation>
    </message>
    <message>
      <source>What to expect of a cloud that stays on disk is not known.</source>
      <translation>Was bei einer Wolke zu erwarten ist, die auf der Festplatte bleibt, ist nicht bekannt.</translation>
    </message>
    <message>
      <source>What was done with the file</source>
      <translation>Was mit der Datei gemacht wurde</translation>
    </message>
    <message>
      <source>Wheel or right drag</source>
      <translation>Rad oder Rechtsziehen</translation>
    </message>
    <message>
      <source>Where the network computes; the bytes are the same everywhere</source>
      <translation>Wo das Netz rechnet; die Bytes sind überall dieselben</translation>
    </message>
    <message>
      <source>Whether it is done, and what a comparison found</source>
      <translation>Ob es fertig ist, und was ein Vergleich ergab</translation>
    </message>
    <message>
      <source>Whether the voxel is occupied</source>
      <translation>Ob der Voxel belegt ist</translation>
    </message>
    <message>
      <source>Which panels are open</source>
      <translation>Welche Felder offen sind</translation>
    </message>
    <message>
      <source>Which voxels a bitstream holds, and of how many levels the others are guesses of its decoder</source>
      <translation>Welche Voxel ein Bitstrom enthält und wie viele Ebenen der anderen sein Decoder geraten hat</translation>
    </message>
    <message>
      <source>White</source>
      <translation>Weiß</translation>
    </message>
    <message>
      <source>Why it failed, or what does not come back</source>
      <translation>Warum es scheiterte, oder was nicht zurückkommt</translation>
    </message>
    <message>
      <source>Why this size?</source>
      <translation>Warum diese Größe?</translation>
    </message>
    <message>
      <source>Window</source>
      <translation>Fenster</translation>
    </message>
    <message>
      <source>With context</source>
      <translation>Mit Kontext</translation>
    </message>
    <message>
      <source>Without a place</source>
      <translation>Ohne Ort</translation>
    </message>
    <message>
      <source>Write all reports on the cloud and its bitstream</source>
      <translation>Alle Berichte über die Wolke und ihren Bitstrom schreiben</translation>
    </message>
    <message>
      <source>Write one line per block</source>
      <translation>Eine Zeile je Block schreiben</translation>
    </message>
    <message>
      <source>Write the points of the decoded cloud, or of the original if nothing is decoded</source>
      <translation>Die Punkte der dekodierten Wolke schreiben oder, wenn nichts dekodiert ist, die des Originals</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>Zoom</translation>
    </message>
    <message>
      <source>Zoom to block</source>
      <translation>Zum Block zoomen</translation>
    </message>
    <message>
      <source>a file comes back whole: keep records to leave properties out</source>
      <translation>eine Datei kommt ganz zurück: Punkte behalten, um Eigenschaften wegzulassen</translation>
    </message>
    <message>
      <source>about {time}</source>
      <translation>etwa {time}</translation>
    </message>
    <message>
      <source>all blocks have one size</source>
      <translation>alle Blöcke haben eine Größe</translation>
    </message>
    <message>
      <source>all blocks have one size; only VoxelDNN chooses among several</source>
      <translation>alle Blöcke haben eine Größe; nur VoxelDNN wählt unter mehreren</translation>
    </message>
    <message>
      <source>all levels are shown</source>
      <translation>alle Ebenen werden gezeigt</translation>
    </message>
    <message>
      <source>all points of both clouds are needed, and most of one stay on disk</source>
      <translation>alle Punkte beider Wolken sind nötig, und die meisten der einen bleiben auf der Festplatte</translation>
    </message>
    <message>
      <source>all {all} levels</source>
      <translation>alle {all} Ebenen</translation>
    </message>
    <message>
      <source>and {n} more properties</source>
      <translation>und {n} weitere Eigenschaften</translation>
    </message>
    <message>
      <source>angle at the second point: {n}°</source>
      <translation>Winkel am zweiten Punkt: {n}°</translation>
    </message>
    <message>
      <source>arrangement of the views</source>
      <translation>Anordnung der Ansichten</translation>
    </message>
    <message>
      <source>at most {d}, {mean} on average</source>
      <translation>höchstens {d}, im Mittel {mean}</translation>
    </message>
    <message>
      <source>at most {size}</source>
      <translation>höchstens {size}</translation>
    </message>
    <message>
      <source>axes</source>
      <translation>Achsen</translation>
    </message>
    <message>
      <source>bits</source>
      <translation>Bit</translation>
    </message>
    <message>
      <source>bits per axis</source>
      <translation>Bits je Achse</translation>
    </message>
    <message>
      <source>bits per occupied voxel</source>
      <translation>Bits je belegtem Voxel</translation>
    </message>
    <message>
      <source>bits per point</source>
      <translation>Bits je Punkt</translation>
    </message>
    <message>
      <source>bits per point of the file</source>
      <translation>Bits je Punkt der Datei</translation>
    </message>
    <message>
      <source>bits per voxel</source>
      <translation>Bit je Voxel</translation>
    </message>
    <message>
      <source>block colours</source>
      <translation>Blockfarben</translation>
    </message>
    <message>
      <source>block outlines</source>
      <translation>Blockumrisse</translation>
    </message>
    <message>
      <source>blocks</source>
      <translation>Blöcke</translation>
    </message>
    <message>
      <source>bounding box</source>
      <translation>Hüllquader</translation>
    </message>
    <message>
      <source>bpov</source>
      <translation>bpov</translation>
    </message>
    <message>
      <source>bpp</source>
      <translation>Bits/Punkt</translation>
    </message>
    <message>
      <source>bytes</source>
      <translation>Bytes</translation>
    </message>
    <message>
      <source>bytes of each frame, at most {size}</source>
      <translation>Bytes je Bild, höchstens {size}</translation>
    </message>
    <message>
      <source>cancelled</source>
      <translation>abgebrochen</translation>
    </message>
    <message>
      <source>cancelling</source>
      <translation>wird abgebrochen</translation>
    </message>
    <message>
      <source>choose a depth first: points would move</source>
      <translation>zuerst eine Tiefe wählen: sonst würden Punkte verschoben</translation>
    </message>
    <message>
      <source>choosing blocks</source>
      <translation>Blöcke wählen</translation>
    </message>
    <message>
      <source>chunk heads, checksums</source>
      <translation>Abschnittsköpfe, Prüfsummen</translation>
    </message>
    <message>
      <source>clipping</source>
      <translation>Zuschnitt</translation>
    </message>
    <message>
      <source>cloud</source>
      <translation>Wolke</translation>
    </message>
    <message>
      <source>coded</source>
      <translation>kodiert</translation>
    </message>
    <message>
      <source>coding</source>
      <translation>kodieren</translation>
    </message>
    <message>
      <source>coding by codec and depth</source>
      <translation>codiert nach Codec und Tiefe</translation>
    </message>
    <message>
      <source>coding with loss</source>
      <translation>Kodieren mit Verlust</translation>
    </message>
    <message>
      <source>colours off by up to {most}, with {bound} allowed, PSNR of Y {psnr} dB</source>
      <translation>Farben weichen um bis zu {most} ab, erlaubt sind {bound}, PSNR von Y {psnr} dB</translation>
    </message>
    <message>
      <source>comments</source>
      <translation>Kommentare</translation>
    </message>
    <message>
      <source>comparing</source>
      <translation>vergleichen</translation>
    </message>
    <message>
      <source>compiling for this machine, once</source>
      <translation>einmaliges Übersetzen für diesen Rechner</translation>
    </message>
    <message>
      <source>compressing, seconds</source>
      <translation>Komprimieren, Sekunden</translation>
    </message>
    <message>
      <source>compressing, seconds per million points</source>
      <translation>Komprimieren, Sekunden je Million Punkte</translation>
    </message>
    <message>
      <source>computing probabilities</source>
      <translation>Wahrscheinlichkeiten berechnen</translation>
    </message>
    <message>
      <source>computing probabilities of all blocks</source>
      <translation>Wahrscheinlichkeiten aller Blöcke werden berechnet</translation>
    </message>
    <message>
      <source>counts</source>
      <translation>Anzahlen</translation>
    </message>
    <message>
      <source>decoded</source>
      <translation>dekodiert</translation>
    </message>
    <message>
      <source>decoded points, brighter with height</source>
      <translation>dekodierte Punkte, heller mit der Höhe</translation>
    </message>
    <message>
      <source>decoding</source>
      <translation>wird dekodiert</translation>
    </message>
    <message>
      <source>decoding frame {n}</source>
      <translation>Bild {n} wird dekodiert</translation>
    </message>
    <message>
      <source>decompressing, seconds per million points</source>
      <translation>Dekomprimieren, Sekunden je Million Punkte</translation>
    </message>
    <message>
      <source>different</source>
      <translation>verschieden</translation>
    </message>
    <message>
      <source>done</source>
      <translation>fertig</translation>
    </message>
    <message>
      <source>drag to keep a range</source>
      <translation>Bereich ziehen</translation>
    </message>
    <message>
      <source>drawing pictures</source>
      <translation>Bilder zeichnen</translation>
    </message>
    <message>
      <source>equal numbers, other bits</source>
      <translation>gleiche Zahlen, andere Bits</translation>
    </message>
    <message>
      <source>every point, to the last bit; their order may change</source>
      <translation>jeder Punkt, bis aufs letzte Bit; die Reihenfolge kann sich ändern</translation>
    </message>
    <message>
      <source>expected, p ≥ {p}  ({n})</source>
      <translation>erwartet, p ≥ {p}  ({n})</translation>
    </message>
    <message>
      <source>eye-dome lighting</source>
      <translation>Eye-Dome-Beleuchtung</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>fehlgeschlagen</translation>
    </message>
    <message>
      <source>fewer</source>
      <translation>weniger</translation>
    </message>
    <message>
      <source>file</source>
      <translation>Datei</translation>
    </message>
    <message>
      <source>filter</source>
      <translation>Filter</translation>
    </message>
    <message>
      <source>frame {n} is shown</source>
      <translation>Bild {n} ist zu sehen</translation>
    </message>
    <message>
      <source>from</source>
      <translation>von</translation>
    </message>
    <message>
      <source>geometry of the voxels, without properties</source>
      <translation>Geometrie der Voxel, ohne Eigenschaften</translation>
    </message>
    <message>
      <source>geometry {rate}</source>
      <translation>Geometrie {rate}</translation>
    </message>
    <message>
      <source>geometry, bits per voxel of the original</source>
      <translation>Geometrie, Bit je Voxel des Originals</translation>
    </message>
    <message>
      <source>geometry: about {size}, {rate}</source>
      <translation>Geometrie: etwa {size}, {rate}</translation>
    </message>
    <message>
      <source>geometry: {size}, {rate}</source>
      <translation>Geometrie: {size}, {rate}</translation>
    </message>
    <message>
      <source>ghost</source>
      <translation>Geist</translation>
    </message>
    <message>
      <source>guessed</source>
      <translation>geraten</translation>
    </message>
    <message>
      <source>header</source>
      <translation>Kopf</translation>
    </message>
    <message>
      <source>header of the file</source>
      <translation>Kopf der Datei</translation>
    </message>
    <message>
      <source>identical</source>
      <translation>identisch</translation>
    </message>
    <message>
      <source>identical where points are</source>
      <translation>identisch, wo es Punkte gibt</translation>
    </message>
    <message>
      <source>identical: the file, byte for byte ({level})</source>
      <translation>identisch: die Datei, Byte für Byte ({level})</translation>
    </message>
    <message>
      <source>identical: {n} points, every property, to the last bit ({level})</source>
      <translation>identisch: {n} Punkte mit allen Eigenschaften, bis aufs letzte Bit ({level})</translation>
    </message>
    <message>
      <source>index</source>
      <translation>Verzeichnis</translation>
    </message>
    <message>
      <source>isolation</source>
      <translation>Isolieren</translation>
    </message>
    <message>
      <source>it is not known what the bits of the blocks are for</source>
      <translation>es ist nicht bekannt, wofür die Bits der Blöcke sind</translation>
    </message>
    <message>
      <source>it is stopping already</source>
      <translation>er hält schon an</translation>
    </message>
    <message>
      <source>its name has a comma in it</source>
      <translation>ihr Name enthält ein Komma</translation>
    </message>
    <message>
      <source>kept whole: cheaper</source>
      <translation>ganz gelassen: billiger</translation>
    </message>
    <message>
      <source>kept whole: no smaller blocks are allowed here</source>
      <translation>ganz gelassen: kleinere Blöcke sind hier nicht erlaubt</translation>
    </message>
    <message>
      <source>left view</source>
      <translation>linke Ansicht</translation>
    </message>
    <message>
      <source>level {n} of {all}</source>
      <translation>Ebene {n} von {all}</translation>
    </message>
    <message>
      <source>levels guessed in part</source>
      <translation>Ebenen zum Teil geraten</translation>
    </message>
    <message>
      <source>line: B, at most {size}</source>
      <translation>Linie: B, höchstens {size}</translation>
    </message>
    <message>
      <source>linked cameras</source>
      <translation>gekoppelte Kameras</translation>
    </message>
    <message>
      <source>lossy</source>
      <translation>verlustbehaftet</translation>
    </message>
    <message>
      <source>measuring</source>
      <translation>Messen</translation>
    </message>
    <message>
      <source>measuring distances</source>
      <translation>Abstände messen</translation>
    </message>
    <message>
      <source>middles of cells ({level}): D1 {psnr} dB, voxels up to {most} voxels away</source>
      <translation>Mitten von Zellen ({level}): D1 {psnr} dB, Voxel bis zu {most} Voxel entfernt</translation>
    </message>
    <message>
      <source>more</source>
      <translation>mehr</translation>
    </message>
    <message>
      <source>most points of this cloud stay on disk, in a file already</source>
      <translation>die meisten Punkte dieser Wolke bleiben auf der Festplatte, schon in einer Datei</translation>
    </message>
    <message>
      <source>most points of this cloud stay on disk: “Queue this cloud” compresses its file</source>
      <translation>die meisten Punkte dieser Wolke bleiben auf der Festplatte: „Diese Wolke einreihen“ komprimiert ihre Datei</translation>
    </message>
    <message>
      <source>motion vectors</source>
      <translation>Bewegungsvektoren</translation>
    </message>
    <message>
      <source>no</source>
      <translation>nein</translation>
    </message>
    <message>
      <source>no bitstream with guessed levels has been decoded</source>
      <translation>kein Bitstrom mit geratenen Ebenen wurde dekodiert</translation>
    </message>
    <message>
      <source>no block is selected</source>
      <translation>kein Block ist gewählt</translation>
    </message>
    <message>
      <source>no blocks yet</source>
      <translation>noch keine Blöcke</translation>
    </message>
    <message>
      <source>no cloud is open</source>
      <translation>keine Wolke ist offen</translation>
    </message>
    <message>
      <source>no point cloud is open</source>
      <translation>keine Punktwolke ist offen</translation>
    </message>
    <message>
      <source>no point cloud is open that could be compressed</source>
      <translation>keine Punktwolke ist offen, die komprimiert werden könnte</translation>
    </message>
    <message>
      <source>no point cloud of a file is open</source>
      <translation>keine Punktwolke aus einer Datei ist offen</translation>
    </message>
    <message>
      <source>no point differs</source>
      <translation>kein Punkt weicht ab</translation>
    </message>
    <message>
      <source>no second bitstream of this cloud is open in view B</source>
      <translation>in Ansicht B ist kein zweiter Bitstrom dieser Wolke offen</translation>
    </message>
    <message>
      <source>no sequence is open</source>
      <translation>keine Sequenz ist offen</translation>
    </message>
    <message>
      <source>none is a guess</source>
      <translation>keines ist geraten</translation>
    </message>
    <message>
      <source>not installed</source>
      <translation>nicht installiert</translation>
    </message>
    <message>
      <source>not known from the bitstream; compress with several block sizes to see</source>
      <translation>aus dem Bitstrom nicht bekannt; mit mehreren Blockgrößen komprimieren, um es zu sehen</translation>
    </message>
    <message>
      <source>not saved yet</source>
      <translation>noch nicht gespeichert</translation>
    </message>
    <message>
      <source>not stored</source>
      <translation>nicht gespeichert</translation>
    </message>
    <message>
      <source>not stored: {names}</source>
      <translation>nicht gespeichert: {names}</translation>
    </message>
    <message>
      <source>not tried</source>
      <translation>nicht versucht</translation>
    </message>
    <message>
      <source>nothing has been decoded yet</source>
      <translation>noch ist nichts dekodiert</translation>
    </message>
    <message>
      <source>nothing is open</source>
      <translation>nichts ist offen</translation>
    </message>
    <message>
      <source>nothing is running</source>
      <translation>nichts läuft</translation>
    </message>
    <message>
      <source>number of blocks</source>
      <translation>Zahl der Blöcke</translation>
    </message>
    <message>
      <source>number of blocks, logarithmic</source>
      <translation>Zahl der Blöcke, logarithmisch</translation>
    </message>
    <message>
      <source>only in A</source>
      <translation>nur in A</translation>
    </message>
    <message>
      <source>only in B</source>
      <translation>nur in B</translation>
    </message>
    <message>
      <source>opacity of the outlines</source>
      <translation>Deckkraft der Umrisse</translation>
    </message>
    <message>
      <source>open it first: the window then asks which points it holds</source>
      <translation>zuerst öffnen: das Fenster fragt dann, welche Punkte gemeint sind</translation>
    </message>
    <message>
      <source>or drop a point cloud or a bitstream here</source>
      <translation>oder eine Punktwolke oder einen Bitstrom hier ablegen</translation>
    </message>
    <message>
      <source>order</source>
      <translation>Reihenfolge</translation>
    </message>
    <message>
      <source>outlines by size</source>
      <translation>Umrisse nach Größe</translation>
    </message>
    <message>
      <source>part of the finest level</source>
      <translation>ein Teil der feinsten Ebene</translation>
    </message>
    <message>
      <source>pending</source>
      <translation>ausstehend</translation>
    </message>
    <message>
      <source>point colours</source>
      <translation>Punktfarben</translation>
    </message>
    <message>
      <source>point size</source>
      <translation>Punktgröße</translation>
    </message>
    <message>
      <source>point under the cursor</source>
      <translation>Punkt unter dem Mauszeiger</translation>
    </message>
    <message>
      <source>points</source>
      <translation>Punkte</translation>
    </message>
    <message>
      <source>points guessed ({level}): D1 {psnr} dB, voxels up to {most} voxels away</source>
      <translation>Punkte geraten ({level}): D1 {psnr} dB, Voxel bis zu {most} Voxel entfernt</translation>
    </message>
    <message>
      <source>points identical</source>
      <translation>Punkte identisch</translation>
    </message>
    <message>
      <source>points identical but for their colours</source>
      <translation>Punkte bis auf ihre Farben identisch</translation>
    </message>
    <message>
      <source>points moved by up to {most}, {mean} on average</source>
      <translation>Punkte um höchstens {most} verschoben, im Mittel um {mean}</translation>
    </message>
    <message>
      <source>points near the original ones</source>
      <translation>Punkte nahe den ursprünglichen</translation>
    </message>
    <message>
      <source>preparing the view</source>
      <translation>Ansicht vorbereiten</translation>
    </message>
    <message>
      <source>reading</source>
      <translation>lesen</translation>
    </message>
    <message>
      <source>reads {bytes} of {all} of the geometry</source>
      <translation>liest {bytes} von {all} der Geometrie</translation>
    </message>
    <message>
      <source>records</source>
      <translation>Punkte</translation>
    </message>
    <message>
      <source>remainders</source>
      <translation>Reste</translation>
    </message>
    <message>
      <source>right view</source>
      <translation>rechte Ansicht</translation>
    </message>
    <message>
      <source>rows of {names}</source>
      <translation>Zeilen aus {names}</translation>
    </message>
    <message>
      <source>running</source>
      <translation>läuft</translation>
    </message>
    <message>
      <source>s/M</source>
      <translation>s/M</translation>
    </message>
    <message>
      <source>scale bar</source>
      <translation>Maßstab</translation>
    </message>
    <message>
      <source>scale of a view</source>
      <translation>Skala einer Ansicht</translation>
    </message>
    <message>
      <source>scale of the colours</source>
      <translation>Farbskala</translation>
    </message>
    <message>
      <source>searching for the best settings</source>
      <translation>beste Einstellungen suchen</translation>
    </message>
    <message>
      <source>selection</source>
      <translation>Auswahl</translation>
    </message>
    <message>
      <source>set it first (Ctrl+{n})</source>
      <translation>erst setzen (Strg+{n})</translation>
    </message>
    <message>
      <source>shading</source>
      <translation>Schattierung</translation>
    </message>
    <message>
      <source>size: not known yet</source>
      <translation>Größe: noch nicht bekannt</translation>
    </message>
    <message>
      <source>slice {n}</source>
      <translation>Slice {n}</translation>
    </message>
    <message>
      <source>split like its siblings</source>
      <translation>geteilt wie seine Geschwister</translation>
    </message>
    <message>
      <source>split: cheaper</source>
      <translation>geteilt: billiger</translation>
    </message>
    <message>
      <source>strays</source>
      <translation>Streupunkte</translation>
    </message>
    <message>
      <source>surprise</source>
      <translation>Überraschung</translation>
    </message>
    <message>
      <source>table</source>
      <translation>Tabelle</translation>
    </message>
    <message>
      <source>table {name}</source>
      <translation>Tabelle {name}</translation>
    </message>
    <message>
      <source>the 3D view is not ready</source>
      <translation>die 3D-Ansicht ist nicht bereit</translation>
    </message>
    <message>
      <source>the bitstream</source>
      <translation>Bitstrom</translation>
    </message>
    <message>
      <source>the bitstream is of another cloud than {name}, and opens as its own</source>
      <translation>der Bitstrom gehört zu einer anderen Wolke als {name} und ist für sich geöffnet</translation>
    </message>
    <message>
      <source>the clouds have not been compared yet</source>
      <translation>die Wolken sind noch nicht verglichen</translation>
    </message>
    <message>
      <source>the coordinates lie on no lattice; voxels of {depth} bits per axis would take about {size}, move points by up to {most} and merge {n}</source>
      <translation>die Koordinaten liegen auf keinem Gitter; Voxel mit {depth} Bit je Achse bräuchten etwa {size}, verschöben Punkte um bis zu {most} und verschmölzen {n}</translation>
    </message>
    <message>
      <source>the file, byte for byte</source>
      <translation>die Datei, Byte für Byte</translation>
    </message>
    <message>
      <source>the frames of a sequence are compressed together</source>
      <translation>die Bilder einer Sequenz werden zusammen komprimiert</translation>
    </message>
    <message>
      <source>the occupied voxels</source>
      <translation>die belegten Voxel</translation>
    </message>
    <message>
      <source>the open cloud</source>
      <translation>der offenen Punktwolke</translation>
    </message>
    <message>
      <source>the points have no properties</source>
      <translation>die Punkte haben keine Eigenschaften</translation>
    </message>
    <message>
      <source>the sequence has one frame</source>
      <translation>die Sequenz hat ein einziges Bild</translation>
    </message>
    <message>
      <source>the vertices of a mesh</source>
      <translation>die Eckpunkte eines Netzes</translation>
    </message>
    <message>
      <source>their order may differ</source>
      <translation>die Reihenfolge kann abweichen</translation>
    </message>
    <message>
      <source>there are no blocks of {n}</source>
      <translation>es gibt keine Blöcke der Größe {n}</translation>
    </message>
    <message>
      <source>there are no blocks yet: compress the cloud or open a bitstream</source>
      <translation>noch gibt es keine Blöcke: die Wolke komprimieren oder einen Bitstrom öffnen</translation>
    </message>
    <message>
      <source>there is no bitstream that holds properties</source>
      <translation>es gibt keinen Bitstrom, der Eigenschaften enthält</translation>
    </message>
    <message>
      <source>there is no bitstream yet: compress the cloud or open one</source>
      <translation>noch gibt es keinen Bitstrom: die Wolke komprimieren oder einen öffnen</translation>
    </message>
    <message>
      <source>there is no coarser level to show</source>
      <translation>es gibt keine gröbere Ebene</translation>
    </message>
    <message>
      <source>this bitstream has too many voxels to show all: choose levels; “octavox decode” writes all</source>
      <translation>dieser Bitstrom hat zu viele Voxel, um alle zu zeigen: wähle Ebenen; „octavox decode“ schreibt alle</translation>
    </message>
    <message>
      <source>this cloud has no colours</source>
      <translation>diese Wolke hat keine Farben</translation>
    </message>
    <message>
      <source>this format cannot hold: {names}</source>
      <translation>dieses Format kennt nicht: {names}</translation>
    </message>
    <message>
      <source>this is the first frame</source>
      <translation>dies ist das erste Bild</translation>
    </message>
    <message>
      <source>this is the last frame</source>
      <translation>dies ist das letzte Bild</translation>
    </message>
    <message>
      <source>time left: not known yet</source>
      <translation>Restzeit noch unbekannt</translation>
    </message>
    <message>
      <source>to</source>
      <translation>bis</translation>
    </message>
    <message>
      <source>tree</source>
      <translation>Baum</translation>
    </message>
    <message>
      <source>two clouds are needed: open both, or decode a bitstream beside its cloud</source>
      <translation>zwei Wolken sind nötig: beide öffnen, oder einen Bitstrom neben seiner Wolke dekodieren</translation>
    </message>
    <message>
      <source>units</source>
      <translation>Einheiten</translation>
    </message>
    <message>
      <source>up to {most}, {mean} on average</source>
      <translation>bis zu {most}, im Mittel {mean}</translation>
    </message>
    <message>
      <source>view {letter} shows no cloud</source>
      <translation>Ansicht {letter} zeigt keine Wolke</translation>
    </message>
    <message>
      <source>views</source>
      <translation>Ansichten</translation>
    </message>
    <message>
      <source>voxelizing</source>
      <translation>voxelisieren</translation>
    </message>
    <message>
      <source>voxels</source>
      <translation>Voxel</translation>
    </message>
    <message>
      <source>voxels identical</source>
      <translation>Voxel identisch</translation>
    </message>
    <message>
      <source>voxels identical but for their colours</source>
      <translation>Voxel bis auf ihre Farben identisch</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>wartet</translation>
    </message>
    <message>
      <source>what is shown</source>
      <translation>Sichtbarkeit</translation>
    </message>
    <message>
      <source>within {n}</source>
      <translation>bis {n}</translation>
    </message>
    <message>
      <source>without loss</source>
      <translation>ohne Verlust</translation>
    </message>
    <message>
      <source>writing</source>
      <translation>schreiben</translation>
    </message>
    <message>
      <source>x</source>
      <translation>x</translation>
    </message>
    <message>
      <source>x, y and z have to be among the names.</source>
      <translation>x, y und z müssen unter den Namen sein.</translation>
    </message>
    <message>
      <source>y</source>
      <translation>y</translation>
    </message>
    <message>
      <source>yes</source>
      <translation>ja</translation>
    </message>
    <message>
      <source>z</source>
      <translation>z</translation>
    </message>
    <message>
      <source>{depth}  ({edge}³ grid)</source>
      <translation>{depth}  (Gitter {edge}³)</translation>
    </message>
    <message>
      <source>{depth} (as it is)</source>
      <translation>{depth} (wie sie ist)</translation>
    </message>
    <message>
      <source>{doing} failed: {reason}</source>
      <translation>{doing} fehlgeschlagen: {reason}</translation>
    </message>
    <message>
      <source>{doing} was cancelled; nothing was changed</source>
      <translation>{doing} abgebrochen; nichts wurde geändert</translation>
    </message>
    <message>
      <source>{doing} was cancelled; what was computed stays</source>
      <translation>{doing} wurde abgebrochen; das Berechnete bleibt</translation>
    </message>
    <message>
      <source>{first} … {last}</source>
      <translation>{first} … {last}</translation>
    </message>
    <message>
      <source>{k} levels guessed</source>
      <translation>{k} Ebenen geraten</translation>
    </message>
    <message>
      <source>{levels} and part of the next one</source>
      <translation>{levels} und ein Teil der nächsten</translation>
    </message>
    <message>
      <source>{levels}, as middles of cells</source>
      <translation>{levels}, als Mitten von Zellen</translation>
    </message>
    <message>
      <source>{m} of {n} blocks</source>
      <translation>{m} von {n} Blöcken</translation>
    </message>
    <message>
      <source>{name} does not say what its numbers are.</source>
      <translation>{name} sagt nicht, was die Zahlen bedeuten.</translation>
    </message>
    <message>
      <source>{name} holds a mesh. Which points do you want?</source>
      <translation>{name} enthält ein Netz. Welche Punkte sollen es sein?</translation>
    </message>
    <message>
      <source>{name} is damaged, and every point came back</source>
      <translation>{name} ist beschädigt, und jeder Punkt kam zurück</translation>
    </message>
    <message>
      <source>{name} is damaged: {n} point came back</source>
      <translation>{name} ist beschädigt: {n} Punkt kam zurück</translation>
    </message>
    <message>
      <source>{name} is damaged: {n} points came back</source>
      <translation>{name} ist beschädigt: {n} Punkte kamen zurück</translation>
    </message>
    <message>
      <source>{name} is missing; the bitstream is restored and still unsaved</source>
      <translation>{name} fehlt; der Bitstrom ist wiederhergestellt und noch nicht gespeichert</translation>
    </message>
    <message>
      <source>{name} was not opened</source>
      <translation>{name} wurde nicht geöffnet</translation>
    </message>
    <message>
      <source>{name}, frame {n}</source>
      <translation>{name}, Bild {n}</translation>
    </message>
    <message>
      <source>{name}: bytes {place} ({size})</source>
      <translation>{name}: Bytes {place} ({size})</translation>
    </message>
    <message>
      <source>{name}: points have none where a column is coded whole</source>
      <translation>{name}: Punkte haben keine, wo eine Spalte als Ganzes kodiert ist</translation>
    </message>
    <message>
      <source>{n} bits</source>
      <translation>{n} Bit</translation>
    </message>
    <message>
      <source>{n} bits each</source>
      <translation>je {n} Bit</translation>
    </message>
    <message>
      <source>{n} bits in all</source>
      <translation>insgesamt {n} Bit</translation>
    </message>
    <message>
      <source>{n} block</source>
      <translation>{n} Block</translation>
    </message>
    <message>
      <source>{n} blocks</source>
      <translation>{n} Blöcke</translation>
    </message>
    <message>
      <source>{n} byte</source>
      <translation>{n} Byte</translation>
    </message>
    <message>
      <source>{n} bytes</source>
      <translation>{n} Bytes</translation>
    </message>
    <message>
      <source>{n} cells of {size} voxels</source>
      <translation>{n} Zellen aus {size} Voxeln</translation>
    </message>
    <message>
      <source>{n} cells, the finest of {size} voxels</source>
      <translation>{n} Zellen, die feinsten aus {size} Voxeln</translation>
    </message>
    <message>
      <source>{n} coding, about {time}</source>
      <translation>{n} Codierung, etwa {time}</translation>
    </message>
    <message>
      <source>{n} codings, about {time}</source>
      <translation>{n} Codierungen, etwa {time}</translation>
    </message>
    <message>
      <source>{n} failed</source>
      <translation>{n} gescheitert</translation>
    </message>
    <message>
      <source>{n} frame left out</source>
      <translation>{n} Bild ausgelassen</translation>
    </message>
    <message>
      <source>{n} frames left out</source>
      <translation>{n} Bilder ausgelassen</translation>
    </message>
    <message>
      <source>{n} level</source>
      <translation>{n} Ebene</translation>
    </message>
    <message>
      <source>{n} level guessed</source>
      <translation>{n} Ebene geraten</translation>
    </message>
    <message>
      <source>{n} levels</source>
      <translation>{n} Ebenen</translation>
    </message>
    <message>
      <source>{n} levels guessed</source>
      <translation>{n} Ebenen geraten</translation>
    </message>
    <message>
      <source>{n} merged</source>
      <translation>{n} verschmolzen</translation>
    </message>
    <message>
      <source>{n} of these</source>
      <translation>davon {n}</translation>
    </message>
    <message>
      <source>{n} of {all} by bits</source>
      <translation>{n} von {all} (Bit)</translation>
    </message>
    <message>
      <source>{n} of {all} by bpov</source>
      <translation>{n} von {all} (bpov)</translation>
    </message>
    <message>
      <source>{n} of {all} frames are coded</source>
      <translation>{n} von {all} Bildern sind kodiert</translation>
    </message>
    <message>
      <source>{n} of {all} levels</source>
      <translation>{n} von {all} Ebenen</translation>
    </message>
    <message>
      <source>{n} of {all} points</source>
      <translation>{n} von {all} Punkten</translation>
    </message>
    <message>
      <source>{n} of {size}</source>
      <translation>{n} aus {size}</translation>
    </message>
    <message>
      <source>{n} point here, the first:</source>
      <translation>{n} Punkt hier, der erste:</translation>
    </message>
    <message>
      <source>{n} point in {time}</source>
      <translation>{n} Punkt in {time}</translation>
    </message>
    <message>
      <source>{n} point is lost.</source>
      <translation>{n} Punkt ist verloren.</translation>
    </message>
    <message>
      <source>{n} points</source>
      <translation>{n} Punkte</translation>
    </message>
    <message>
      <source>{n} points are lost.</source>
      <translation>{n} Punkte sind verloren.</translation>
    </message>
    <message>
      <source>{n} points drawn from the surface of a mesh</source>
      <translation>{n} Punkte von der Oberfläche eines Netzes</translation>
    </message>
    <message>
      <source>{n} points here, the first:</source>
      <translation>{n} Punkte hier, der erste:</translation>
    </message>
    <message>
      <source>{n} points in {time}</source>
      <translation>{n} Punkte in {time}</translation>
    </message>
    <message>
      <source>{n} points so far</source>
      <translation>bisher {n} Punkte</translation>
    </message>
    <message>
      <source>{n} points without a counterpart</source>
      <translation>{n} Punkte ohne Gegenstück</translation>
    </message>
    <message>
      <source>{n} points, a cell each; up to level {finest} in the view; {bytes} of {all} read</source>
      <translation>{n} Punkte, je eine Zelle; in der Ansicht bis zur Ebene {finest}; {bytes} von {all} gelesen</translation>
    </message>
    <message>
      <source>{n} points, a cell each; {bytes} of {all} of the geometry read ({share}), in {time}</source>
      <translation>{n} Punkte, je Zelle einer; {bytes} von {all} der Geometrie gelesen ({share}), in {time}</translation>
    </message>
    <message>
      <source>{n} row</source>
      <translation>{n} Zeile</translation>
    </message>
    <message>
      <source>{n} rows</source>
      <translation>{n} Zeilen</translation>
    </message>
    <message>
      <source>{n} units</source>
      <translation>{n} Einheiten</translation>
    </message>
    <message>
      <source>{n} voxel</source>
      <translation>{n} Voxel</translation>
    </message>
    <message>
      <source>{n} voxel · depth {d}</source>
      <translation>{n} Voxel · Tiefe {d}</translation>
    </message>
    <message>
      <source>{n} voxels</source>
      <translation>{n} Voxel</translation>
    </message>
    <message>
      <source>{n} voxels · depth {d}</source>
      <translation>{n} Voxel · Tiefe {d}</translation>
    </message>
    <message>
      <source>{n} without a place left out</source>
      <translation>{n} ohne Platz weggelassen</translation>
    </message>
    <message>
      <source>{n}, the finest of {size}</source>
      <translation>{n}, die feinsten aus {size}</translation>
    </message>
    <message>
      <source>{owner}, part {n}</source>
      <translation>{owner}, Teil {n}</translation>
    </message>
    <message>
      <source>{part}; block #{row} takes {bytes} of them, interleaved with {n} others</source>
      <translation>{part}; Block #{row} nimmt {bytes} davon ein, verschränkt mit {n} anderen</translation>
    </message>
    <message>
      <source>{rate} bits per point</source>
      <translation>{rate} Bit je Punkt</translation>
    </message>
    <message>
      <source>{rate} bpov so far</source>
      <translation>bisher {rate} bpov</translation>
    </message>
    <message>
      <source>{rate}, whole file</source>
      <translation>{rate}, ganze Datei</translation>
    </message>
    <message>
      <source>{size} in all; select a block to see its bytes</source>
      <translation>{size} insgesamt; einen Block wählen, um seine Bytes zu sehen</translation>
    </message>
    <message>
      <source>{time} left</source>
      <translation>noch {time}</translation>
    </message>
    <message>
      <source>{title} has to wait: another job is running</source>
      <translation>{title} muss warten: ein anderer Auftrag läuft</translation>
    </message>
    <message>
      <source>{title} is running; wait for it or cancel it (Esc)</source>
      <translation>{title} läuft; abwarten oder abbrechen (Esc)</translation>
    </message>
    <message>
      <source>{unit} and above</source>
      <translation>{unit} und mehr</translation>
    </message>
    <message>
      <source>{width} × {height}, scale {scale}</source>
      <translation>{width} × {height}, Skalierung {scale}</translation>
    </message>
    <message>
      <source>{words} · finer ones cannot be read</source>
      <translation>{words} · feinere lassen sich nicht lesen</translation>
    </message>
    <message>
      <source>{words} · the others cannot be read</source>
      <translation>{words} · die anderen sind nicht lesbar</translation>
    </message>
    <message>
      <source>{words} · {share} % looked through</source>
      <translation>{words} · {share} % durchgesehen</translation>
    </message>
    <message>
      <source>{words}; all of them are in memory, as this file has to be read whole</source>
      <translation>{words}; alle sind im Speicher, denn diese Datei muss ganz gelesen werden</translation>
    </message>
    <message>
      <source>“{name}” of {n} points is lost (slices {numbers}).</source>
      <translation>„{name}“ von {n} Punkten ist verloren (Slices {numbers}).</translation>
    </message>
    <message>
      <source>∞ (equal)</source>
      <translation>∞ (gleich)</translation>
    </message>
  </context>
</TS>
